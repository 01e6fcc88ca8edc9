import * as z from 'zod';
import type { Json, JsonObject } from '../../relations/python-json.ts';
import { withoutSecrets } from '../redact.ts';
import { referencesOf } from '../written-links.ts';
import { valueAt, withValueAt } from './json-edit.ts';
import type { LiveDatasource, LiveGrafana } from './live-grafana.ts';
import { doubledDollars } from './propose.ts';

const what =
  'What crosslink doctor read of a Grafana: its datasources, with secrets taken out. To explain it: crosslink doctor --saved FILE';

/** What `--save` writes of a Grafana. */
export const SavedGrafana = z.object({
  'crosslink-doctor': z.literal(1),
  grafana: z.object({
    url: z.string(),
    version: z.string(),
    org: z.string().nullable(),
    datasources: z.array(
      z.object({
        uid: z.string(),
        id: z.number(),
        name: z.string(),
        type: z.string(),
        isDefault: z.boolean(),
        readOnly: z.boolean(),
        jsonData: z.record(z.string(), z.custom<Json>()),
      }),
    ),
  }),
});

/** @returns text for a file that can be shown to others */
export function savedGrafanaText({ url, version, org, datasources }: LiveGrafana): string {
  const grafana = {
    url,
    version,
    org,
    datasources: datasources.map((one) => ({ ...one, jsonData: savedJsonData(one) })),
  };
  return `${JSON.stringify({ 'crosslink-doctor': 1, what, grafana }, null, 1)}\n`;
}

/** What is shown in a report may stay, so that the report on the file is the same. */
function savedJsonData(datasource: LiveDatasource): JsonObject {
  const { type, jsonData } = datasource;
  const referring = referencesOf(type, jsonData).reduce(
    (shown, { steps, uid }) => withValueAt(shown, steps, uid),
    shownJsonData(jsonData),
  );
  return doubledDollars(datasource).reduce(
    (shown, { path, text }) =>
      valueAt(shown, path) === text ? shown : withValueAt(shown, path, redactedDollar),
    referring,
  );
}

/** A text that asks for a dollar as what was redacted did. */
const redactedDollar = '[redacted] $${__redacted}';

/** `jsonData` is no place for secrets, and every Viewer sees it. That keeps nobody from putting some there. */
export function shownJsonData(jsonData: JsonObject): JsonObject {
  return SavedGrafana.shape.grafana.shape.datasources.element.shape.jsonData.parse(withoutSecrets(jsonData));
}
