import { DataSourcePlugin } from '@grafana/data';
import { DataSourceWithBackend } from '@grafana/runtime';
import { ConfigEditor } from './config-editor.tsx';
import type { EditedQuery, EditedSettings } from './model.ts';
import { QueryEditor } from './query-editor.tsx';

/** It subscribes to the channel that a frame of the backend names: nothing has to be done for that. */
export class StreamingDatasource extends DataSourceWithBackend<EditedQuery, EditedSettings> {}

export const plugin = new DataSourcePlugin<StreamingDatasource, EditedQuery, EditedSettings>(
  StreamingDatasource,
)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
