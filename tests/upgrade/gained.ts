import * as z from 'zod';
import { escapeDollars } from '../../src/relations/dollar-escape.ts';
import { type JsonObject, pythonJson } from '../../src/relations/python-json.ts';
import type { LeftBehind } from './left-behind.ts';

const tempo = 'tempo-0-53fc0417';
const viewTrace = { url: '${__value.raw}', urlDisplayLabel: 'View trace' };
const toTempo = {
  exemplarTraceIdDestinations: [{ datasourceUid: tempo, name: 'traceID' }],
};
const logsToTempo = {
  derivedFields: [
    { datasourceUid: tempo, matcherRegex: '(?:traceID|trace_id|tid)=(\\w+)', name: 'traceID', ...viewTrace },
    {
      datasourceUid: tempo,
      matcherRegex: '"trace[_.]?[iI][dD]"\\s*:\\s*"(\\w+)"',
      name: 'traceID (JSON)',
      ...viewTrace,
    },
    {
      datasourceUid: tempo,
      matcherRegex: 'trace_id',
      matcherType: 'label',
      name: 'traceID (label)',
      ...viewTrace,
    },
  ],
};

/** What each application says, and says to Grafana, that no revision said which made three kinds of link. */
const news: Readonly<Record<string, { jsonData: JsonObject; status: string }>> = {
  tempo: { jsonData: { nodeGraph: { enabled: true } }, status: '3 of 4 links in 1 Grafana' },
  mimir: { jsonData: toTempo, status: '1 of 1 link in 1 Grafana' },
  loki: { jsonData: logsToTempo, status: '1 of 1 link in 1 Grafana' },
};

const SourceData = z.looseObject({ extra_fields: z.record(z.string(), z.json()).nullable() });

/** What has come to be where an earlier revision was: all that it left behind, and the links that are new since. */
export function gained(before: LeftBehind): LeftBehind {
  return {
    ...before,
    applications: before.applications.map(({ name, units, ...rest }) => {
      const message = news[name]?.status;
      return { ...rest, name, units: units.map((unit) => ({ ...unit, ...(message && { message }) })) };
    }),
    relations: before.relations.map((ends) =>
      ends.map((end) => {
        const { grafana_source_data: text, ...rest } = end.appData;
        const more = news[end.app]?.jsonData;
        if (text === undefined || more === undefined) return end;
        const { extra_fields, ...others } = SourceData.parse(JSON.parse(text));
        const { secure_extra_fields, ...first } = others as JsonObject;
        const fields = { ...extra_fields, ...(escapeDollars(more) as JsonObject) };
        const said = { ...first, extra_fields: fields, secure_extra_fields: secure_extra_fields ?? null };
        return { ...end, appData: { ...rest, grafana_source_data: pythonJson(said) } };
      }),
    ),
    datasources: before.datasources.map((datasource) => {
      const more = news[datasource.uid.replace(/(-\d+)?-[0-9a-f]{8}$/, '')]?.jsonData;
      if (more === undefined) return datasource;
      return { ...datasource, jsonData: { ...datasource.jsonData, ...more } };
    }),
  };
}
