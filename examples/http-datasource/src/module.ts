import { DataSourcePlugin, type ScopedVars } from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import { ConfigEditor } from './config-editor.tsx';
import type { EditedQuery, EditedSecrets, EditedSettings } from './model.ts';
import { QueryEditor } from './query-editor.tsx';

export class HttpDatasource extends DataSourceWithBackend<EditedQuery, EditedSettings> {
  /** The backend knows nothing of dashboards and their variables. */
  override applyTemplateVariables(query: EditedQuery, scopedVars: ScopedVars): EditedQuery {
    return { ...query, path: getTemplateSrv().replace(query.path, scopedVars) };
  }

  /** A query that nobody has written yet is not worth asking. */
  override filterQuery({ path = '' }: EditedQuery): boolean {
    return path !== '';
  }
}

export const plugin = new DataSourcePlugin<HttpDatasource, EditedQuery, EditedSettings, EditedSecrets>(
  HttpDatasource,
)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
