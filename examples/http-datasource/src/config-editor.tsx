import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { InlineField, InlineSwitch, Input, SecretInput } from '@grafana/ui';
import { useId } from 'react';
import type { EditedSecrets, EditedSettings } from './model.ts';

type Props = DataSourcePluginOptionsEditorProps<EditedSettings, EditedSecrets>;

export function ConfigEditor({ options, onOptionsChange }: Props) {
  const id = useId();
  const { url, jsonData, secureJsonData, secureJsonFields } = options;
  return (
    <>
      <InlineField label="URL" labelWidth={20} required tooltip="What the paths of queries are below">
        <Input
          id={`${id}-url`}
          width={40}
          placeholder="http://localhost:8080/series"
          value={url}
          onChange={({ currentTarget: { value } }) => onOptionsChange({ ...options, url: value })}
        />
      </InlineField>
      <InlineField label="Token" labelWidth={20} tooltip="Sent as Authorization: Bearer">
        <SecretInput
          id={`${id}-token`}
          width={40}
          placeholder="None"
          // One that is saved is never shown again: it can be replaced only.
          isConfigured={secureJsonFields.token ?? false}
          value={secureJsonData?.token ?? ''}
          onChange={({ currentTarget: { value } }) =>
            onOptionsChange({ ...options, secureJsonData: { ...secureJsonData, token: value } })
          }
          onReset={() =>
            onOptionsChange({
              ...options,
              secureJsonFields: { ...secureJsonFields, token: false },
              secureJsonData: { ...secureJsonData, token: '' },
            })
          }
        />
      </InlineField>
      <InlineField
        label="Skip TLS verification"
        labelWidth={20}
        tooltip="Accept any certificate: for tests only"
      >
        <InlineSwitch
          id={`${id}-skip-verify`}
          value={jsonData.tlsSkipVerify ?? false}
          onChange={({ currentTarget: { checked } }) =>
            onOptionsChange({ ...options, jsonData: { ...jsonData, tlsSkipVerify: checked } })
          }
        />
      </InlineField>
    </>
  );
}
