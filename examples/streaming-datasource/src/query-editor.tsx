import type { QueryEditorProps } from '@grafana/data';
import { Button, InlineField } from '@grafana/ui';
import { useId } from 'react';
import type { EditedQuery, EditedSettings } from './model.ts';
import type { StreamingDatasource } from './module.ts';

type Props = QueryEditorProps<StreamingDatasource, EditedQuery, EditedSettings>;

/** A query has no fields of its own; to run it again is to subscribe again. */
export function QueryEditor({ onRunQuery }: Props) {
  const id = useId();
  return (
    <InlineField label="Stream" labelWidth={14} tooltip="There is one, and all panels share it">
      <Button id={`${id}-subscribe`} variant="secondary" onClick={() => onRunQuery()}>
        Subscribe again
      </Button>
    </InlineField>
  );
}
