import type { Config, Databag, HookEvent, HookTools, SecretContent, UnitName } from '#lib/juju';
import {
  type HookOutcome,
  noChanges,
  type RelationDraft,
  relation,
  runHook,
  type StateDraft,
  state,
  type UnitState,
} from '#lib/juju/testing';
import { type GrafanaClientOptions, grafanaClient } from '#src/grafana';
import type { EmbeddedGrafana } from '#src/grafana/embedded';
import { run } from '../../charm/main.ts';

/** UUID of the model that everything is in. */
export const modelUuid = '11111111-2222-4333-8444-555555555555';
/** What the application `app` of that model calls its Grafana. */
export const ownGrafanaUid = `juju_cos_${modelUuid}_app`;

const credentialsId = 'credentials000000000';
export const credentialsUri = `secret:${credentialsId}`;

/** A client that never pauses, so that no test has to wait. */
export function impatient(options: GrafanaClientOptions) {
  return grafanaClient({ ...options, retries: 0, sleep: async () => {} });
}

/** One hook of the charm, in memory. */
export function runCharm(
  hook: string | HookEvent,
  given: UnitState,
  { client = impatient, tools: wrapped = (tools: HookTools) => tools } = {},
): Promise<HookOutcome> {
  return runHook(
    (tools, context) => run({ context, tools: wrapped(tools), grafanaClient: client }),
    hook,
    given,
  );
}

/** A world in model `cos`, with the peer relation that Juju always makes. */
export function world({ relations = [], ...given }: StateDraft = {}): UnitState {
  const peers = relation({ id: 0, endpoint: 'crosslink', peer: true });
  return state({ modelName: 'cos', modelUuid, leader: true, ...given, relations: [peers, ...relations] });
}

/** The leader of a gateway to this Grafana, and what is related to it. */
export function gatewayWorld(
  grafana: Pick<EmbeddedGrafana, 'url' | 'token'>,
  relations: readonly RelationDraft[] = [],
  {
    config = {},
    content = { token: grafana.token },
    granted = true,
    ...given
  }: Omit<StateDraft, 'relations'> & { content?: SecretContent; granted?: boolean } = {},
): UnitState {
  return world({
    ...given,
    config: { 'grafana-url': grafana.url, 'grafana-token': credentialsUri, ...config },
    secrets: [
      { id: credentialsId, owner: { kind: 'model' }, revisions: [{ revision: 1, content }], granted },
    ],
    relations,
  });
}

/** For `runCharm`: hook tools of which some answer otherwise. */
export function answering(overrides: (tools: HookTools) => Partial<HookTools>) {
  return (tools: HookTools): HookTools =>
    new Proxy(tools, {
      get(target, name) {
        const given: unknown = Reflect.get(overrides(target), name) ?? Reflect.get(target, name);
        return typeof given === 'function' ? given.bind(target) : given;
      },
    });
}

/** The leader of a datasource application `app`: a single Tempo unless the config says otherwise. */
export function datasourceWorld(
  relations: readonly RelationDraft[] = [],
  { config = {}, ...given }: Omit<StateDraft, 'relations'> = {},
): UnitState {
  const single = { 'datasource-type': 'tempo', 'datasource-url': 'http://tempo:3200' };
  return world({ ...given, config: { ...single, ...config }, relations });
}

/** What a datasource application tells a Grafana of itself. */
export function sourceData(application: string, fields: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    model: 'cos',
    model_uuid: modelUuid,
    application,
    type: 'tempo',
    extra_fields: null,
    secure_extra_fields: null,
    ...fields,
  });
}

/** An application that registers on `datasources`: `app` is its application host, `units` those of its units. */
export function source(
  remoteApp: string,
  {
    app,
    units = {},
    data = {},
    ...rest
  }: Partial<RelationDraft> & {
    app?: string;
    units?: Readonly<Record<number, string>>;
    /** Overrides of `grafana_source_data`; text stands for all of it. */
    data?: Readonly<Record<string, unknown>> | string;
  } = {},
): RelationDraft {
  return relation({
    endpoint: 'datasources',
    remoteApp,
    remoteAppData: withoutEmpty({
      grafana_source_data: typeof data === 'string' ? data : sourceData(remoteApp, data),
      grafana_source_app_host: app ?? '',
    }),
    remoteUnitsData: Object.fromEntries(
      Object.entries(units).map(([n, host]) => [
        `${remoteApp}/${n}`,
        withoutEmpty({ grafana_source_host: host }),
      ]),
    ),
    ...rest,
  });
}

/** A Grafana that has answered on `grafana-source`. */
export function grafanaSource(remoteApp: string, answer: Databag, rest: Partial<RelationDraft> = {}) {
  return relation({
    endpoint: 'grafana-source',
    remoteApp,
    remoteAppData: answer,
    remoteUnitsData: { [`${remoteApp}/0`]: {} },
    ...rest,
  });
}

/** An exchange peer that publishes `[type, uid, grafana_uid]`, or text as it is. */
export function exchange(
  remoteApp: string,
  entries: readonly (readonly [type: string, uid: string, grafanaUid: string])[] | string,
  { endpoint = 'receive-datasource', ...rest }: Partial<RelationDraft> = {},
): RelationDraft {
  const datasources =
    typeof entries === 'string'
      ? entries
      : JSON.stringify(entries.map(([type, uid, grafana_uid]) => ({ type, uid, grafana_uid })));
  return relation({
    endpoint,
    remoteApp,
    remoteAppData: { datasources },
    remoteUnitsData: { [`${remoteApp}/0`]: {} },
    ...rest,
  });
}

export function relationIn(given: UnitState, endpoint: string, remoteApp?: string) {
  const found = given.relations.find(
    (one) => one.endpoint === endpoint && (remoteApp === undefined || one.remoteApp === remoteApp),
  );
  if (found === undefined) throw new TypeError(`there is no relation ${endpoint} with ${remoteApp}`);
  return found;
}

/** The same world after the remote side of the relation on this endpoint has changed. */
export function withRelation(
  given: UnitState,
  { endpoint, remoteApp }: { readonly endpoint: string; readonly remoteApp?: string | undefined },
  change: Partial<RelationDraft>,
): UnitState {
  const changed = relationIn(given, endpoint, remoteApp);
  return {
    ...given,
    relations: given.relations.map((one) => (one === changed ? { ...one, ...change } : one)),
  };
}

export function withoutRelation(given: UnitState, endpoint: string, remoteApp?: string): UnitState {
  const gone = relationIn(given, endpoint, remoteApp);
  return { ...given, relations: given.relations.filter((one) => one !== gone) };
}

export function withConfig(given: UnitState, config: Config): UnitState {
  return { ...given, config: { ...given.config, ...config } };
}

/** Every event there can be about one relation. */
export function relationEvent(
  kind: 'relation-created' | 'relation-joined' | 'relation-changed' | 'relation-departed' | 'relation-broken',
  { id, endpoint, remoteApp }: { id: number; endpoint: string; remoteApp: string },
  remoteUnit: UnitName = `${remoteApp}/0`,
): HookEvent {
  const fields = { endpoint, relationId: id, remoteApp };
  switch (kind) {
    case 'relation-created':
    case 'relation-broken':
      return { kind, ...fields };
    case 'relation-departed':
      return { kind, ...fields, remoteUnit, departingUnit: remoteUnit };
    default:
      return { kind, ...fields, remoteUnit };
  }
}

/** All that a hook lets others see: databags, statuses, log, action results. */
export function said(out: HookOutcome): string {
  const { relations, unitStatus, applicationStatus, stored } = out.state;
  return JSON.stringify([
    relations.map(({ localAppData, localUnitData }) => [localAppData, localUnitData]),
    [unitStatus, applicationStatus, stored],
    out.changes,
    out.statuses,
    out.logs,
    out.action,
  ]);
}

/** Whether a hook changed nothing at all in Juju. */
export function changedNothing(out: HookOutcome): boolean {
  return out.statuses.length === 0 && JSON.stringify(out.changes) === JSON.stringify(noChanges);
}

/** `extra_fields` as they stand on the wire. */
export function extraFieldsIn(databag: Databag): Record<string, { datasourceUid?: string }> | null {
  const data = JSON.parse(databag.grafana_source_data ?? '{}') as {
    extra_fields?: Record<string, { datasourceUid?: string }> | null;
  };
  return data.extra_fields ?? null;
}

export function publishedIn(databag: Databag): { type: string; uid: string; grafana_uid: string }[] | null {
  return databag.datasources === undefined ? null : JSON.parse(databag.datasources);
}

/** The answers on a relation, with the map of UIDs read. */
export function answerIn({ datasource_uids, ...rest }: Databag): Record<string, unknown> {
  return { ...rest, ...(datasource_uids !== undefined && { datasource_uids: JSON.parse(datasource_uids) }) };
}

function withoutEmpty(databag: Databag): Databag {
  return Object.fromEntries(Object.entries(databag).filter(([, value]) => value !== ''));
}
