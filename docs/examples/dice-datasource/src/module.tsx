import {
  type DataSourceJsonData,
  DataSourcePlugin,
  type DataSourcePluginOptionsEditorProps,
  type QueryEditorProps,
} from '@grafana/data';
import { DataSourceWithBackend } from '@grafana/runtime';
import type { DataQuery } from '@grafana/schema';
import { InlineField, Input } from '@grafana/ui';

interface DiceQuery extends DataQuery {
  sides?: number;
}

interface DiceSettings extends DataSourceJsonData {
  dice?: number;
}

class Dice extends DataSourceWithBackend<DiceQuery, DiceSettings> {}

function QueryEditor({ query, onChange, onRunQuery }: QueryEditorProps<Dice, DiceQuery, DiceSettings>) {
  return (
    <InlineField label="Sides" labelWidth={14}>
      <Input
        id="sides"
        type="number"
        value={query.sides ?? 6}
        onChange={({ currentTarget }) => onChange({ ...query, sides: currentTarget.valueAsNumber })}
        onBlur={onRunQuery}
      />
    </InlineField>
  );
}

function ConfigEditor({ options, onOptionsChange }: DataSourcePluginOptionsEditorProps<DiceSettings>) {
  return (
    <InlineField label="Dice" labelWidth={14}>
      <Input
        id="dice"
        type="number"
        value={options.jsonData.dice ?? 2}
        onChange={({ currentTarget }) =>
          onOptionsChange({ ...options, jsonData: { dice: currentTarget.valueAsNumber } })
        }
      />
    </InlineField>
  );
}

export const plugin = new DataSourcePlugin<Dice, DiceQuery, DiceSettings>(Dice)
  .setQueryEditor(QueryEditor)
  .setConfigEditor(ConfigEditor);
