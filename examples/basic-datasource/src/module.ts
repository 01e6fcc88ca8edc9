import { DataSourcePlugin } from '@grafana/data';
import { DataSourceWithBackend } from '@grafana/runtime';
import { ConfigEditor } from './config-editor.tsx';
import type { EditedQuery, EditedSettings } from './model.ts';
import { QueryEditor } from './query-editor.tsx';

/** Everything that is asked of it goes to the backend. */
export class BasicDatasource extends DataSourceWithBackend<EditedQuery, EditedSettings> {
  override getDefaultQuery(): Partial<EditedQuery> {
    return { kind: 'time-series', points: 100 };
  }
}

export const plugin = new DataSourcePlugin<BasicDatasource, EditedQuery, EditedSettings>(BasicDatasource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
