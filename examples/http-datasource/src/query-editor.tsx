import type { QueryEditorProps } from '@grafana/data';
import { InlineField, Input } from '@grafana/ui';
import { useId } from 'react';
import type { EditedQuery, EditedSettings } from './model.ts';
import type { HttpDatasource } from './module.ts';

type Props = QueryEditorProps<HttpDatasource, EditedQuery, EditedSettings>;

export function QueryEditor({ query, onChange, onRunQuery }: Props) {
  const id = useId();
  return (
    <InlineField
      label="Path"
      labelWidth={14}
      grow
      tooltip="Below the datasource's URL; answers a list of {time, value}"
    >
      <Input
        id={`${id}-path`}
        placeholder="temperature.json"
        value={query.path ?? ''}
        onChange={({ currentTarget: { value } }) => onChange({ ...query, path: value })}
        // Not with each letter.
        onBlur={onRunQuery}
        onKeyDown={({ key }) => key === 'Enter' && onRunQuery()}
      />
    </InlineField>
  );
}
