import type { GrafanaClient } from '../client.ts';
import { type GrafanaApiError, isGrafanaApiError } from '../errors.ts';
import { readMarker } from './marker.ts';
import { mergedJsonData, type ProvisionStep } from './plan.ts';

export interface ProvisionResult {
  /** How many datasources were really written. */
  readonly writes: number;
  /** By uid. Whoever depends on one of these must not be told that it is there. */
  readonly failures: ReadonlyMap<string, GrafanaApiError>;
}

/** How often a write is tried when somebody else writes the same datasource at the same time. */
const attempts = 4;

/**
 * Carries out a plan, step by step. A step that fails does not stop the others, unless no other could succeed
 * either (Grafana is down, or refuses the credentials): then the rest is not tried and fails the same way.
 * @throws what is not a {@link GrafanaApiError}: a bug
 */
export async function provision(
  grafana: GrafanaClient,
  steps: readonly ProvisionStep[],
): Promise<ProvisionResult> {
  const failures = new Map<string, GrafanaApiError>();
  let writes = 0;
  let fatal: GrafanaApiError | undefined;
  for (const step of steps) {
    const uid = step.kind === 'delete' ? step.uid : step.desired.uid;
    if (fatal !== undefined) {
      failures.set(uid, fatal);
      continue;
    }
    try {
      if (await carryOut(grafana, step)) writes += 1;
    } catch (error) {
      if (!isGrafanaApiError(error)) throw error;
      failures.set(uid, error);
      if (concernsAll(error)) fatal = error;
    }
  }
  return { writes, failures };
}

function concernsAll(error: GrafanaApiError): boolean {
  // Not FORBIDDEN and QUOTA: those may be about this one datasource, or about new ones only.
  return ['UNAUTHORIZED', 'UNREACHABLE', 'TIMEOUT', 'MISCONFIGURED'].includes(error.code);
}

/** @returns whether anything was written: what is to be deleted may be gone already */
async function carryOut(grafana: GrafanaClient, step: ProvisionStep): Promise<boolean> {
  if (step.kind === 'delete') return grafana.deleteDatasource(step.uid);
  if (step.kind === 'update') {
    const found = await put(grafana, step, step.writeSecrets);
    if (!found) await post(grafana, step); // somebody deleted it since it was listed
    return true;
  }
  try {
    await post(grafana, step);
  } catch (error) {
    // Our own earlier attempt may have arrived although its answer did not.
    const mayExist =
      isGrafanaApiError(error, 'CONFLICT_UID', 'CONFLICT_NAME') ||
      (isGrafanaApiError(error) && error.outcomeUnknown);
    if (!mayExist || !(await put(grafana, step, true))) throw error;
  }
  return true;
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

/** @returns false when there is no datasource of this uid, or one of somebody else's: nothing was written then */
async function put(
  grafana: GrafanaClient,
  { desired, marker }: Wanted,
  writeSecrets: boolean,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const held = await grafana.getDatasource(desired.uid);
    const before = held && readMarker(held.jsonData);
    if (held === undefined || before?.gateway !== marker.gateway) return false;
    try {
      await grafana.updateDatasource(desired.uid, {
        name: held.name,
        type: desired.type,
        access: 'proxy',
        url: desired.url,
        user: held.user,
        database: held.database,
        basicAuth: held.basicAuth,
        basicAuthUser: held.basicAuthUser,
        withCredentials: held.withCredentials,
        isDefault: held.isDefault,
        jsonData: mergedJsonData(held.jsonData, desired, marker, before),
        ...(writeSecrets && { secureJsonData: secretChanges(before.secureKeys, desired.secureJsonData) }),
        version: held.version,
      });
      return true;
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
