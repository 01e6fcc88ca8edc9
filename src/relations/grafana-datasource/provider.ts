import type { Databag } from '#lib/juju';
import { escapeDollars } from '../dollar-escape.ts';
import type { Issue } from '../issue.ts';
import { type Json, pythonJson } from '../python-json.ts';
import { readKey, readMember } from '../read-key.ts';
import { isTakingCorrelations } from './correlations.ts';
import { AnswerKeys, AssignedUid, SourceKeys } from './schema.ts';

/** What Grafana said on one relation, read from its application databag. */
export interface GrafanaAnswer {
  /** Which Grafana this is; undefined for a Grafana charm older than that key, or before it answered. */
  readonly grafanaUid?: string;
  /** Remote units as Grafana's model names them, and the UID of each one's datasource. */
  readonly datasourceUids?: Readonly<Record<string, string>>;
  /** The UID of the application's own datasource: only a Grafana charm of the second generation sends it. */
  readonly appDatasourceUid?: string;
  readonly baseUrl?: string;
  /** URI of the secret that Grafana has taken `secureJsonData` from: only crosslink's gateways send it. */
  readonly secretUri?: string;
  /** It makes correlations that it is asked for: only crosslink's gateways say so, where the operator wants it. */
  readonly takesCorrelations?: true;
}

/**
 * Reads Grafana's answer; each key and each unit by itself, so that one that is broken does not cost the others.
 * @param appData - the remote application's databag; anything at all
 */
export function readAnswer(appData: Databag): { answer: GrafanaAnswer; issues: Issue[] } {
  const issues: Issue[] = [];
  const grafanaUid = readKey(appData, 'grafana_uid', AnswerKeys.grafana_uid, issues);
  const uids = readUids(appData, issues);
  const appDatasourceUid = readKey(appData, 'app_datasource_uid', AnswerKeys.app_datasource_uid, issues);
  const baseUrl = readKey(appData, 'grafana_base_url', AnswerKeys.grafana_base_url, issues);
  const secretUri = readKey(appData, 'grafana_source_secret', AnswerKeys.grafana_source_secret, issues);
  return {
    answer: {
      ...(grafanaUid !== undefined && { grafanaUid }),
      ...(uids !== undefined && { datasourceUids: uids }),
      ...(appDatasourceUid !== undefined && { appDatasourceUid }),
      ...(baseUrl !== undefined && { baseUrl }),
      ...(secretUri !== undefined && { secretUri }),
      ...(isTakingCorrelations(appData) && { takesCorrelations: true as const }),
    },
    issues,
  };
}

function readUids(appData: Databag, issues: Issue[]): Record<string, string> | undefined {
  const key = 'datasource_uids';
  const all = readKey(appData, key, AnswerKeys[key], issues);
  if (all === undefined) return undefined;
  const good = Object.entries(all).flatMap(([unit, value]): [string, string][] => {
    const uid = readMember(key, unit, value, AssignedUid, issues);
    return uid === undefined ? [] : [[unit, uid]];
  });
  return Object.fromEntries(good);
}

/**
 * Every UID that Grafana assigned to this application on one relation, of both generations, without doubles.
 * Keys of the map are no help: across models they are not this application's own unit names.
 */
export function assignedUids(answer: GrafanaAnswer): string[] {
  const all = [...Object.values(answer.datasourceUids ?? {}), answer.appDatasourceUid ?? ''];
  return [...new Set(all.filter((uid) => uid !== ''))].toSorted();
}

/** Which of the two generations of the interface a Grafana was seen to speak. */
export type Generation = 'per-unit' | 'per-application' | 'not known yet';

/**
 * Tells it from the answer to an application that offered both forms. Only the second generation answers with
 * an application UID; the first answers with a map that is not empty.
 */
export function generationOf(answer: GrafanaAnswer): Generation {
  if (answer.appDatasourceUid !== undefined) return 'per-application';
  return Object.keys(answer.datasourceUids ?? {}).length > 0 ? 'per-unit' : 'not known yet';
}

/** What a datasource application tells Grafana about itself. */
export interface SourceOffer {
  readonly model: string;
  readonly modelUuid: string;
  readonly application: string;
  /** Grafana plugin id. */
  readonly type: string;
  /** Becomes `jsonData`, dollars as Grafana reads them; null, never `{}`, when there is nothing to say. */
  readonly extraFields: { readonly [key: string]: Json } | null;
  readonly secureExtraFields: Readonly<Record<string, string>> | null;
  /** Of the application as a whole; undefined offers none. */
  readonly appUrl: string | undefined;
}

/** The application databag of an offer. `''` deletes a key. */
export function offerAppDatabag(offer: SourceOffer): Databag {
  return {
    grafana_source_data: pythonJson({
      model: offer.model,
      model_uuid: offer.modelUuid,
      application: offer.application,
      type: offer.type,
      extra_fields: offer.extraFields === null ? null : escapeDollars(offer.extraFields),
      secure_extra_fields: offer.secureExtraFields,
    }),
    grafana_source_app_host: offer.appUrl ?? '',
  };
}

/**
 * What an application adds to its databag where it shares a secret with Grafana. That takes a grant as well: the URI
 * alone opens nothing. `''` takes it back.
 * @param uri - with the model's UUID in it, since the relation may cross models
 */
export function offerSecretDatabag(uri: string): Databag {
  return { grafana_source_secret: uri };
}

/** @returns the secret that an application says it shares, by what {@link offerSecretDatabag} wrote */
export function offeredSecret(localAppData: Databag): string | undefined {
  return readKey(localAppData, 'grafana_source_secret', SourceKeys.grafana_source_secret, []);
}

/** Where an application has said that it is, by what was written before; undefined where it has not. */
export function offeredUrls(
  localAppData: Databag,
  localUnitData: Databag,
): { readonly app: string | undefined; readonly unit: string | undefined } {
  return {
    app: localAppData.grafana_source_app_host || undefined,
    unit: localUnitData.grafana_source_host || undefined,
  };
}

/** The unit databag of an offer. `''` deletes the key. */
export function offerUnitDatabag(unitUrl: string | undefined): Databag {
  return { grafana_source_host: unitUrl ?? '' };
}
