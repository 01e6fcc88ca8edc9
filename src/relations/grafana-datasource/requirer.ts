import { compareUnitNames, type Databag, type UnitName } from '#lib/juju';
import { unescapeDollars } from '../dollar-escape.ts';
import { httpUrl, isLinkLocalUrl } from '../http-url.ts';
import type { Issue } from '../issue.ts';
import { type Json, pythonJson } from '../python-json.ts';
import { readKey } from '../read-key.ts';
import {
  readCorrelations,
  type SourceCorrelation,
  takesCorrelations,
  takesNoCorrelations,
} from './correlations.ts';
import { SourceKeys } from './schema.ts';

/** A datasource application as it registered with Grafana on one relation. */
export interface RegisteredSource {
  /** Its own names, also when the relation crosses models and the remote application is called otherwise. */
  readonly model: string;
  readonly modelUuid: string;
  readonly application: string;
  /** Grafana plugin id. */
  readonly type: string;
  /** For `jsonData`, dollars as Grafana's HTTP API reads them. */
  readonly extraFields: { readonly [key: string]: Json } | null;
  /** For `secureJsonData`. In clear text in the databag, yet never to be logged. */
  readonly secureExtraFields: Readonly<Record<string, string>> | null;
  /** URI of the secret that holds more of `secureJsonData`, in an object as `readSecureJsonDataSecret` reads it. */
  readonly secretUri?: string;
  /** What it asks to be made with Grafana's Correlations API; null: it asks for some that can't be read. */
  readonly correlations: readonly SourceCorrelation[] | null;
  /** Of the application as a whole: the second generation of the interface. */
  readonly appUrl?: string;
  /** Units that registered by themselves: the first generation. Ordered by unit number. */
  readonly units: readonly { readonly unit: UnitName; readonly url: string }[];
  /** Units that registered by themselves, in a way that can't be read: no reason to take away what they had. */
  readonly unreadable: readonly UnitName[];
  /** Every unit that is there, registered or not. Ordered by unit number. */
  readonly members: readonly UnitName[];
}

/**
 * `absent`: nothing registered, or withdrawn. `invalid`: registered, but in a way that can't be read, which is no
 * reason to take away what was registered before.
 */
export type SourceReading =
  | { readonly state: 'absent' }
  | { readonly state: 'invalid' }
  | { readonly state: 'valid'; readonly source: RegisteredSource };

/**
 * Reads what a datasource application registered.
 * @param remote.unitsData - databags of the remote units that are there; anything at all may be in them
 */
export function readSource(remote: {
  readonly appData: Databag;
  readonly unitsData: ReadonlyMap<UnitName, Databag>;
}): { reading: SourceReading; issues: Issue[] } {
  const issues: Issue[] = [];
  const data = readKey(remote.appData, 'grafana_source_data', SourceKeys.grafana_source_data, issues);
  if (issues.length > 0) return { reading: { state: 'invalid' }, issues };
  if (data === undefined || data === null) {
    return { reading: { state: 'absent' }, issues };
  }
  const secretUri = readKey(
    remote.appData,
    'grafana_source_secret',
    SourceKeys.grafana_source_secret,
    issues,
  );
  // Without its secret it would be another datasource than the one that was meant.
  if (issues.length > 0) return { reading: { state: 'invalid' }, issues };
  const appUrl = readUrl(remote.appData, 'grafana_source_app_host', '', issues);
  const isAppReadable = issues.length === 0;
  const units: { unit: UnitName; url: string }[] = [];
  const unreadable: UnitName[] = [];
  for (const [unit, databag] of [...remote.unitsData].toSorted(([a], [b]) => compareUnitNames(a, b))) {
    const known = issues.length;
    const url = readUrl(databag, 'grafana_source_host', ` of ${unit}`, issues);
    if (url !== undefined) units.push({ unit, url });
    else if (issues.length > known) unreadable.push(unit);
  }
  // Its units alone would be other datasources than the one that was meant.
  if (!isAppReadable) return { reading: { state: 'invalid' }, issues };
  const correlations = readCorrelations(remote.appData, issues);
  const source: RegisteredSource = {
    model: data.model,
    modelUuid: data.model_uuid,
    application: data.application,
    type: data.type,
    extraFields: unescaped(data.extra_fields),
    secureExtraFields: data.secure_extra_fields,
    ...(secretUri !== undefined && { secretUri }),
    correlations,
    ...(appUrl !== undefined && { appUrl }),
    units,
    unreadable,
    members: [...remote.unitsData.keys()].toSorted(compareUnitNames),
  };
  return { reading: { state: 'valid', source }, issues };
}

function unescaped(fields: { readonly [key: string]: Json } | null): RegisteredSource['extraFields'] {
  if (fields === null) return null;
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, unescapeDollars(value)]));
}

function readUrl(databag: Databag, key: string, whose: string, issues: Issue[]): string | undefined {
  const raw = readKey(databag, key, SourceKeys.grafana_source_host, issues);
  if (raw === undefined) return undefined;
  const url = httpUrl(raw);
  if (url === undefined) {
    const what = isLinkLocalUrl(raw) ? 'a URL that is not of a link-local address' : 'an http or https URL';
    issues.push({ key, path: whose, message: `expected ${what}` });
  }
  return url;
}

/** What Grafana answers on one relation. */
export interface Answer {
  readonly grafanaUid: string;
  readonly baseUrl: string;
  /** One for each remote unit that registered by itself, keyed as this model names it. */
  readonly datasourceUids: readonly { readonly unit: UnitName; readonly uid: string }[];
  /** Present when the application registered as a whole. */
  readonly appDatasourceUid: string | undefined;
  /** Of the secret that Grafana has taken what it holds from; undefined where the application shares none. */
  readonly secretUri: string | undefined;
  /** Says that this gateway makes correlations; without it, nothing of that is said or taken back. */
  readonly takesCorrelations?: boolean;
}

/** The keys that a Grafana writes, all but one of them: what is not answered is deleted by `''`. */
export function answerDatabag(answer: Answer): Databag {
  const sorted = answer.datasourceUids.toSorted((a, b) => compareUnitNames(a.unit, b.unit));
  return {
    grafana_uid: answer.grafanaUid,
    datasource_uids: pythonJson(Object.fromEntries(sorted.map(({ unit, uid }) => [unit, uid]))),
    grafana_base_url: answer.baseUrl,
    app_datasource_uid: answer.appDatasourceUid ?? '',
    grafana_source_secret: answer.secretUri ?? '',
    ...(answer.takesCorrelations === true && takesCorrelations),
  };
}

/** Takes the whole answer back, for a peer that withdrew. */
export const noAnswer: Databag = {
  grafana_uid: '',
  datasource_uids: '',
  grafana_base_url: '',
  app_datasource_uid: '',
  grafana_source_secret: '',
  ...takesNoCorrelations,
};
