import { isDeepStrictEqual } from 'node:util';
import { type Marker, markerKey, readMarker } from './marker.ts';

/** A datasource as it should be. */
export interface DesiredDatasource {
  readonly uid: string;
  /** Given when it is made; an operator may rename it afterwards. */
  readonly name: string;
  /** Grafana plugin id. */
  readonly type: string;
  readonly url: string;
  /** The keys that the gateway keeps; others that are found in Grafana stay as they are. */
  readonly jsonData: Readonly<Record<string, unknown>>;
  readonly secureJsonData: Readonly<Record<string, string>>;
  /** Changes whenever `secureJsonData` does; null when that is empty. Grafana never shows what it holds. */
  readonly secureFingerprint: string | null;
}

/** A datasource as Grafana lists it. */
export interface HeldDatasource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly access: string;
  readonly url: string;
  readonly readOnly: boolean;
  readonly jsonData: Readonly<Record<string, unknown>>;
}

export type ProvisionStep =
  | { readonly kind: 'create'; readonly desired: DesiredDatasource; readonly marker: Marker }
  | {
      readonly kind: 'update';
      readonly desired: DesiredDatasource;
      readonly marker: Marker;
      readonly writeSecrets: boolean;
    }
  | { readonly kind: 'delete'; readonly uid: string };

/** Something of somebody else's stands where the gateway wants to put its own. Only the operator can decide. */
export interface Conflict {
  readonly uid: string;
  readonly problem: 'name-taken' | 'uid-taken' | 'read-only';
  /** Of the datasource that is in the way. */
  readonly name: string;
}

export interface ProvisionPlan {
  /** Deletes first, so that a name is free again when it is wanted. */
  readonly steps: readonly ProvisionStep[];
  readonly conflicts: readonly Conflict[];
}

/**
 * Compares what should be with what is. Only datasources that carry this gateway's marker are ever changed or
 * deleted; nothing is adopted.
 * @param world.desired - one for each uid
 * @param world.keep - uids that are not to be deleted although nobody asks for them just now
 * @param world.fingerprints - by uid, of the secrets that were written last
 */
export function planProvisioning(world: {
  readonly gateway: string;
  readonly desired: readonly DesiredDatasource[];
  readonly held: readonly HeldDatasource[];
  readonly keep: ReadonlySet<string>;
  readonly fingerprints: Readonly<Record<string, string>>;
}): ProvisionPlan {
  const { gateway, held, fingerprints } = world;
  const desired = world.desired.toSorted((a, b) => (a.uid < b.uid ? -1 : 1));
  const wanted = new Set(desired.map(({ uid }) => uid));
  const owned = held.filter(({ jsonData }) => readMarker(jsonData)?.gateway === gateway);
  const gone = owned
    .filter(({ uid }) => !wanted.has(uid) && !world.keep.has(uid))
    .toSorted((a, b) => (a.uid < b.uid ? -1 : 1));
  const removable = gone.filter(({ readOnly }) => !readOnly);
  const removed = new Set(removable.map(({ uid }) => uid));

  const steps: ProvisionStep[] = removable.map(({ uid }) => ({ kind: 'delete', uid }));
  const conflicts: Conflict[] = gone
    .filter(({ readOnly }) => readOnly)
    .map(({ uid, name }) => ({ uid, name, problem: 'read-only' }));

  const made = new Set<string>();
  for (const want of desired) {
    const marker = markerFor(gateway, want);
    const have = held.find(({ uid }) => uid === want.uid);
    const before = have && readMarker(have.jsonData);
    if (have === undefined) {
      const taken =
        held.some(({ uid, name }) => name === want.name && !removed.has(uid)) || made.has(want.name);
      if (taken) {
        conflicts.push({ uid: want.uid, name: want.name, problem: 'name-taken' });
      } else {
        made.add(want.name);
        steps.push({ kind: 'create', desired: want, marker });
      }
    } else if (before?.gateway !== gateway) {
      conflicts.push({ uid: want.uid, name: have.name, problem: 'uid-taken' });
    } else {
      const writeSecrets =
        (want.secureFingerprint ?? '') !== (fingerprints[want.uid] ?? '') ||
        !isDeepStrictEqual(before.secureKeys, marker.secureKeys);
      if (!writeSecrets && isAsWanted(have, want, marker, before)) continue;
      if (have.readOnly) conflicts.push({ uid: want.uid, name: have.name, problem: 'read-only' });
      else steps.push({ kind: 'update', desired: want, marker, writeSecrets });
    }
  }
  return { steps, conflicts };
}

function markerFor(gateway: string, { jsonData, secureJsonData }: DesiredDatasource): Marker {
  return {
    gateway,
    keys: Object.keys(settable(jsonData)).toSorted(),
    secureKeys: Object.keys(secureJsonData).toSorted(),
  };
}

/** Without what is not for a peer to set: our marker, and team headers, which Grafana refuses here (11.0 and later). */
function settable(jsonData: DesiredDatasource['jsonData']): DesiredDatasource['jsonData'] {
  const reserved = [markerKey, 'teamHttpHeaders'];
  return Object.fromEntries(Object.entries(jsonData).filter(([key]) => !reserved.includes(key)));
}

/** `jsonData` as it should be written: what the operator added by hand, what is wanted, and the marker. */
export function mergedJsonData(
  held: Readonly<Record<string, unknown>>,
  desired: DesiredDatasource,
  marker: Marker,
  before: Marker | undefined,
): Record<string, unknown> {
  const ours = new Set([...(before?.keys ?? []), markerKey]);
  const others = Object.entries(held).filter(([key]) => !ours.has(key));
  return Object.fromEntries([...others, ...Object.entries(settable(desired.jsonData)), [markerKey, marker]]);
}

function isAsWanted(have: HeldDatasource, want: DesiredDatasource, marker: Marker, before: Marker): boolean {
  return (
    canonicalType(have.type) === canonicalType(want.type) &&
    have.access === 'proxy' &&
    have.url === want.url &&
    isDeepStrictEqual(plain(have.jsonData), plain(mergedJsonData(have.jsonData, want, marker, before)))
  );
}

// Newer versions of Grafana store and report another id than the one that was sent.
const renamedTypes: ReadonlyMap<string, string> = new Map([['phlare', 'grafana-pyroscope-datasource']]);

function canonicalType(type: string): string {
  return renamedTypes.get(type) ?? type;
}

// What was read from JSON may have another prototype than what was written in code.
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
