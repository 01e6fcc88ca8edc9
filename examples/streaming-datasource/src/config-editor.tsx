import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { InlineField, Input } from '@grafana/ui';
import { useId } from 'react';
import type { EditedSettings } from './model.ts';

export function ConfigEditor({
  options,
  onOptionsChange,
}: DataSourcePluginOptionsEditorProps<EditedSettings>) {
  const id = useId();
  const { jsonData } = options;
  return (
    <InlineField label="Interval" labelWidth={14} tooltip="Between two values, 0 to 60,000 ms">
      <Input
        id={`${id}-interval`}
        type="number"
        min={0}
        max={60_000}
        width={20}
        suffix="ms"
        placeholder="1000"
        value={jsonData.intervalMs ?? ''}
        onChange={({ currentTarget: { valueAsNumber } }) =>
          onOptionsChange({
            ...options,
            jsonData: { ...jsonData, intervalMs: Number.isNaN(valueAsNumber) ? undefined : valueAsNumber },
          })
        }
      />
    </InlineField>
  );
}
