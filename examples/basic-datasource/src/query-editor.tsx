import type { QueryEditorProps } from '@grafana/data';
import { InlineField, Input, RadioButtonGroup } from '@grafana/ui';
import { useEffect, useId, useState } from 'react';
import type { EditedQuery, EditedSettings, Kind } from './model.ts';
import type { BasicDatasource } from './module.ts';

type Props = QueryEditorProps<BasicDatasource, EditedQuery, EditedSettings>;

export function QueryEditor({ datasource, query, onChange, onRunQuery }: Props) {
  const id = useId();
  const { kind = 'time-series', points } = query;
  const [kinds, setKinds] = useState<readonly Kind[]>([kind]);
  const [isLost, setLost] = useState(false);

  useEffect(() => {
    let isOpen = true;
    datasource.getResource<Kind[]>('kinds').then(
      (found) => isOpen && setKinds(found),
      () => isOpen && setLost(true),
    );
    return () => {
      isOpen = false;
    };
  }, [datasource]);

  return (
    <>
      <InlineField label="Kind" labelWidth={14} invalid={isLost} error="The backend does not answer">
        <RadioButtonGroup
          // The label of the field can be for one control only, and these are several.
          aria-label="Kind"
          options={kinds.map((value) => ({ value, label: value }))}
          value={kind}
          onChange={(chosen) => {
            onChange({ ...query, kind: chosen });
            onRunQuery();
          }}
        />
      </InlineField>
      <InlineField label="Points" labelWidth={14} tooltip="How many values the sine has: 1 to 1,000,000">
        <Input
          id={`${id}-points`}
          type="number"
          min={1}
          max={1_000_000}
          width={20}
          placeholder="100"
          value={points ?? ''}
          onChange={({ currentTarget: { valueAsNumber } }) =>
            onChange({ ...query, points: Number.isNaN(valueAsNumber) ? undefined : valueAsNumber })
          }
          // Not with each digit.
          onBlur={onRunQuery}
        />
      </InlineField>
    </>
  );
}
