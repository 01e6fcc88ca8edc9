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
    <InlineField label="Scale" labelWidth={14} tooltip="How high the sine is">
      <Input
        id={`${id}-scale`}
        type="number"
        width={20}
        placeholder="1"
        value={jsonData.scale ?? ''}
        onChange={({ currentTarget: { valueAsNumber } }) =>
          onOptionsChange({
            ...options,
            jsonData: { ...jsonData, scale: Number.isNaN(valueAsNumber) ? undefined : valueAsNumber },
          })
        }
      />
    </InlineField>
  );
}
