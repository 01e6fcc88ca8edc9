import type { GrafanaClient } from '../client.ts';
import { type GrafanaApiError, isGrafanaApiError } from '../errors.ts';
import { unchanged } from '../unchanged.ts';
import { ownMarker } from './marker.ts';
import { hasSecrets, mergedJsonData, type ProvisionStep } from './plan.ts';

/** One datasource that was written. */
export interface DatasourceChange {
  readonly kind: 'created' | 'updated' | 'deleted';
  readonly uid: string;
  /** As Grafana shows it, which an operator may have chosen. */
  readonly name: string;
}

export interface ProvisionResult {
  /** What was really written, in that order. */
  readonly changes: readonly DatasourceChange[];
  /** By uid. Whoever depends on one of these must not be told that it is there. */
  readonly failures: ReadonlyMap<string, GrafanaApiError>;
}

/** How often a write is tried when somebody else writes the same datasource at the same time. */
const attempts = 4;

/**
 * Carries out a plan, step by step. A step that fails does not stop the others, unless no other could succeed
 * either (Grafana is down, has enough of us or refuses the credentials, or there is no time left): then the rest is not
 * tried and fails the same way.
 * @throws what is not a {@link GrafanaApiError}: a bug
 */
export async function provision(
  grafana: GrafanaClient,
  steps: readonly ProvisionStep[],
): Promise<ProvisionResult> {
  const failures = new Map<string, GrafanaApiError>();
  const changes: DatasourceChange[] = [];
  let fatal: GrafanaApiError | undefined;
  for (const step of steps) {
    const uid = step.kind === 'delete' ? step.uid : step.desired.uid;
    if (fatal !== undefined) {
      failures.set(uid, fatal);
      continue;
    }
    try {
      const change = await carryOut(grafana, step);
      if (change !== undefined) changes.push(change);
    } catch (error) {
      if (!isGrafanaApiError(error)) throw error;
      failures.set(uid, error);
      if (concernsAll(error)) fatal = error;
    }
  }
  return { changes, failures };
}

/** @returns whether no other write could succeed either */
export function concernsAll(error: GrafanaApiError): boolean {
  // Not FORBIDDEN and QUOTA: those may be about this one datasource, or about new ones only.
  if (['UNAUTHORIZED', 'UNREACHABLE', 'TIMEOUT', 'MISCONFIGURED'].includes(error.code)) return true;
  // Nor 500, Grafana's word for whatever it didn't expect of one datasource.
  return error.code === 'UNAVAILABLE' && error.status !== 500;
}

/** @returns what was written, if anything: what is to be deleted may be gone already, or be somebody else's by now */
async function carryOut(grafana: GrafanaClient, step: ProvisionStep): Promise<DatasourceChange | undefined> {
  if (step.kind === 'delete') {
    const { uid, name, gateway } = step;
    const held = await grafana.getDatasource(uid);
    if (held === undefined || ownMarker(held, gateway) === undefined) return undefined;
    return (await grafana.deleteDatasource(uid)) ? { kind: 'deleted', uid, name } : undefined;
  }
  const { uid, name } = step.desired;
  if (step.kind === 'update') {
    const found = await put(grafana, step);
    if (found !== undefined) return { kind: 'updated', uid, name: found };
    await post(grafana, step); // somebody deleted it since it was listed
    return { kind: 'created', uid, name };
  }
  try {
    await post(grafana, step);
  } catch (error) {
    // Our own earlier attempt may have arrived although its answer did not.
    const mayExist =
      isGrafanaApiError(error, 'CONFLICT_UID', 'CONFLICT_NAME') ||
      (isGrafanaApiError(error) && error.outcomeUnknown);
    if (!mayExist || (await put(grafana, step)) === undefined) throw error;
  }
  return { kind: 'created', uid, name };
}

type Wanted = Pick<Extract<ProvisionStep, { kind: 'create' }>, 'desired' | 'marker'>;

async function post(grafana: GrafanaClient, { desired, marker }: Wanted): Promise<void> {
  await grafana.createDatasource({
    uid: desired.uid,
    name: desired.name,
    type: desired.type,
    access: 'proxy',
    url: desired.url,
    isDefault: false,
    jsonData: mergedJsonData({}, desired, marker, undefined),
    secureJsonData: desired.secureJsonData,
  });
}

/** @returns its name; undefined when there is none of this uid, or one of somebody else's: nothing was written then */
async function put(grafana: GrafanaClient, { desired, marker }: Wanted): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const held = await grafana.getDatasource(desired.uid);
    const before = held && ownMarker(held, marker.gateway);
    if (held === undefined || before === undefined) return undefined;
    try {
      await grafana.updateDatasource(desired.uid, {
        ...unchanged(held),
        type: desired.type,
        access: 'proxy',
        url: desired.url,
        jsonData: mergedJsonData(held.jsonData, desired, marker, before),
        ...(!hasSecrets(before, marker) && {
          secureJsonData: secretChanges(before.secureKeys, desired.secureJsonData),
        }),
      });
      return held.name;
    } catch (error) {
      if (attempt === attempts || !isGrafanaApiError(error, 'CONFLICT_VERSION')) throw error;
    }
  }
}

/** Grafana keeps every secret that is not named; an empty one unsets it. */
function secretChanges(
  before: readonly string[],
  wanted: Readonly<Record<string, string>>,
): Record<string, string> {
  const unset = before.filter((key) => !Object.hasOwn(wanted, key)).map((key) => [key, ''] as const);
  return Object.fromEntries([...unset, ...Object.entries(wanted)]);
}
