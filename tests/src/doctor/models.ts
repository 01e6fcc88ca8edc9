import { pythonJson } from '../../../src/relations/python-json.ts';
import type { ComposedEnd, ComposedModel, ComposedRelation } from './juju-format.ts';

/** UUIDs of the models that everything is in. */
export const U = '11111111-2222-4333-8444-555555555555';
export const V = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
/** What the Grafana of the first one calls itself. */
export const grafanaUid = `juju_cos_${U}_grafana_0`;

/** A model without relations. */
export function model(
  name: string,
  applications: Readonly<Record<string, readonly [charm: string, units: number]>>,
): ComposedModel {
  return {
    name,
    applications: Object.fromEntries(
      Object.entries(applications).map(([app, [charm, count]]) => [
        app,
        {
          charm,
          units: Object.fromEntries(
            Array.from({ length: count }, (_, i) => [
              `${app}/${i}`,
              { leader: i === 0, status: 'active', message: '' },
            ]),
          ),
        },
      ]),
    ),
    relations: [],
    saas: {},
    offers: {},
  };
}

type Bag = Record<string, string>;

export interface EndGiven {
  readonly appData?: Bag;
  /** Of every unit, or by number. */
  readonly unitData?: Bag | ((number: number) => Bag);
  /** Unit numbers; those that the application has when left out. */
  readonly numbers?: readonly number[];
}

/** Adds a relation; `at` are `app:endpoint`. */
export function relate(
  to: ComposedModel,
  interfaceName: string,
  ...ends: readonly [at: string, given: EndGiven][]
): void {
  const [a, b] = ends.map(([at, given]) => end(to, at, given));
  if (a === undefined || b === undefined) throw new Error('a relation has two ends');
  to.relations.push({ id: to.relations.length + 1, interface: interfaceName, ends: [a, b] });
}

function end(to: ComposedModel, at: string, { appData = {}, unitData = {}, numbers }: EndGiven): ComposedEnd {
  const [app = '', endpoint = ''] = at.split(':');
  const own = Object.keys(to.applications[app]?.units ?? {}).map((unit) => Number(unit.split('/')[1]));
  const units = (numbers ?? own).map((number) => [
    `${app}/${number}`,
    { inScope: true, data: typeof unitData === 'function' ? unitData(number) : { ...unitData } },
  ]);
  return { app, endpoint, appData: { ...appData }, units: Object.fromEntries(units) };
}

/** How the Python charm of Grafana names the datasource of a unit, or of an application. */
export function nameOf(app: string, unit?: number, modelName = 'cos', uuid = U): string {
  return `juju_${modelName}_${uuid}_${app}${unit === undefined ? '' : `_${unit}`}`;
}

type Fields = Parameters<typeof pythonJson>[0];

/** `grafana_source_data` as the Python library writes it. */
export function sourceData(
  application: string,
  type: string,
  extra: Fields = null,
  secure: Fields = null,
  [name, uuid]: readonly [string, string] = ['cos', U],
): string {
  return pythonJson({
    model: name,
    model_uuid: uuid,
    application,
    type,
    extra_fields: extra,
    secure_extra_fields: secure,
  });
}

/** What Grafana's Python charm answers, v0; and v1 with `app`. */
export function answer(uids: Readonly<Record<string, string>>, grafanaUid: string, app?: string): Bag {
  return {
    grafana_uid: grafanaUid,
    datasource_uids: pythonJson(uids),
    grafana_base_url: 'http://grafana-0.grafana-endpoints.cos.svc.cluster.local:3000',
    ...(app !== undefined && { app_datasource_uid: app }),
  };
}

/** `datasources` as cosl writes it: compact, and sorted by uid. */
export function exchanged(
  ...entries: readonly (readonly [type: string, uid: string, grafana: string])[]
): Bag {
  const sorted = entries.toSorted(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
  return {
    datasources: JSON.stringify(sorted.map(([type, uid, grafana_uid]) => ({ type, uid, grafana_uid }))),
  };
}

/** What the Python Tempo writes once it has found a Mimir and a Loki. */
export function tempoLinks(metrics: string, logs: string): Fields {
  const tags = (...keys: string[]) => keys.map((key) => ({ key, value: '' }));
  return {
    httpMethod: 'GET',
    serviceMap: { datasourceUid: metrics },
    tracesToLogsV2: {
      datasourceUid: logs,
      tags: tags('juju_application', 'juju_model', 'juju_model_uuid'),
      filterByTraceID: false,
      filterBySpanID: false,
      customQuery: true,
      query: '{ $$__tags } |= "$${__span.traceId}"',
    },
    tracesToMetrics: {
      datasourceUid: metrics,
      tags: tags('juju_application', 'juju_model', 'juju_model_uuid', 'juju_unit'),
      queries: [{ name: 'All metrics', query: '{$$__tags}' }],
    },
  };
}

/** What the Python Loki writes once it has found a Tempo. */
export function lokiLinks(traces: string): Fields {
  return {
    httpHeaderName1: 'X-Scope-OrgID',
    derivedFields: [
      {
        datasourceUid: traces,
        matcherRegex: '(?:traceID|trace_id|tid)=(\\w+)',
        name: 'traceID',
        url: '$${__value.raw}',
        urlDisplayLabel: 'View trace',
      },
    ],
  };
}

/** What the Python Mimir and Loki always send: a header that says which tenant. */
export const tenant = {
  name: { httpHeaderName1: 'X-Scope-OrgID' },
  value: { httpHeaderValue1: 'anonymous' },
};

/** The end of a relation, by its application and endpoint and the application it is related with. */
export function bagOf({ relations }: ComposedModel, at: string, with_: string): ComposedEnd {
  const found = relations
    .flatMap(({ ends: [a, b] }: ComposedRelation) => [[a, b] as const, [b, a] as const])
    .find(([own, other]) => `${own.app}:${own.endpoint}` === at && other.app === with_);
  if (found === undefined) throw new Error(`${at} is not related with ${with_}`);
  return found[0];
}
