import { type Marker, markerKey, ownMarker, readMarker } from './marker.ts';

/** Not imported: that would load whatever `node:util` exports, a tenth of the time that a hook takes. */
const { isDeepStrictEqual } = process.getBuiltinModule('node:util');

/** Secrets that a plan only knows the names of: whoever carries it out puts the values into `secureJsonData`. */
export interface SealedSecrets {
  /** Where the values are to be found, such as a URI. */
  readonly ref: string;
  readonly keys: readonly string[];
}

/** A datasource as it should be. */
export interface DesiredDatasource {
  readonly uid: string;
  /** For which it is, as the gateway's model calls it. */
  readonly application: string;
  /** Given when it is made; an operator may rename it afterwards. */
  readonly name: string;
  /** Grafana plugin id. */
  readonly type: string;
  readonly url: string;
  /** The keys that the gateway keeps; others that are found in Grafana stay as they are. */
  readonly jsonData: Readonly<Record<string, unknown>>;
  readonly secureJsonData: Readonly<Record<string, string>>;
  /** More of `secureJsonData`, over the above. */
  readonly sealed?: SealedSecrets | null;
  /** Changes whenever any of the secrets does; null when there are none. Grafana never shows what it holds. */
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
    }
  | { readonly kind: 'delete'; readonly uid: string; readonly name: string; readonly gateway: string };

/** Something of somebody else's stands where the gateway wants to put its own. Only the operator can decide. */
export interface Conflict {
  readonly uid: string;
  readonly problem: 'name-taken' | 'uid-taken' | 'read-only' | 'other-gateway';
  /** Of the datasource that is in the way. */
  readonly name: string;
  /** Whose that is, where it is another gateway's of the same Grafana. */
  readonly gateway?: string;
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
 */
export function planProvisioning(world: {
  readonly gateway: string;
  readonly desired: readonly DesiredDatasource[];
  readonly held: readonly HeldDatasource[];
  readonly keep: ReadonlySet<string>;
}): ProvisionPlan {
  const { gateway, held } = world;
  const desired = world.desired.toSorted((a, b) => (a.uid < b.uid ? -1 : 1));
  const wanted = new Set(desired.map(({ uid }) => uid));
  const owned = held.filter((datasource) => ownMarker(datasource, gateway) !== undefined);
  const gone = owned
    .filter(({ uid }) => !wanted.has(uid) && !world.keep.has(uid))
    .toSorted((a, b) => (a.uid < b.uid ? -1 : 1));
  const removable = gone.filter(({ readOnly }) => !readOnly);
  const removed = new Set(removable.map(({ uid }) => uid));

  const steps: ProvisionStep[] = removable.map(({ uid, name }) => ({ kind: 'delete', uid, name, gateway }));
  const conflicts: Conflict[] = gone
    .filter(({ readOnly }) => readOnly)
    .map(({ uid, name }) => ({ uid, name, problem: 'read-only' }));

  const heldByUid = firstBy(held, ({ uid }) => uid);
  const heldByName = firstBy(
    held.filter(({ uid }) => !removed.has(uid)),
    ({ name }) => name,
  );
  const made = new Set<string>();
  for (const want of desired) {
    const have = heldByUid.get(want.uid);
    const before = have && ownMarker(have, gateway);
    const marker = markerFor(gateway, want);
    if (have === undefined) {
      const holder = heldByName.get(want.name);
      if (holder !== undefined || made.has(want.name)) {
        conflicts.push({ uid: want.uid, name: want.name, ...inTheWay(holder, gateway, 'name-taken') });
      } else {
        made.add(want.name);
        steps.push({ kind: 'create', desired: want, marker });
      }
    } else if (before === undefined) {
      conflicts.push({ uid: want.uid, name: have.name, ...inTheWay(have, gateway, 'uid-taken') });
    } else {
      // That a marker is of an earlier revision is nothing to bother an operator with.
      const fitting = have.readOnly
        ? { ...marker, uid: before.uid, application: before.application }
        : marker;
      if (isAsWanted(have, want, fitting, before)) continue;
      if (have.readOnly) conflicts.push({ uid: want.uid, name: have.name, problem: 'read-only' });
      else steps.push({ kind: 'update', desired: want, marker });
    }
  }
  return { steps, conflicts };
}

function firstBy<T>(all: readonly T[], key: (one: T) => string): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const one of all) if (!found.has(key(one))) found.set(key(one), one);
  return found;
}

function inTheWay(
  holder: HeldDatasource | undefined,
  gateway: string,
  problem: 'name-taken' | 'uid-taken',
): Pick<Conflict, 'problem' | 'gateway'> {
  const other = holder && readMarker(holder);
  if (other === undefined || other.gateway === gateway) return { problem };
  return { problem: 'other-gateway', gateway: other.gateway };
}

function markerFor(gateway: string, desired: DesiredDatasource): Marker {
  const { uid, application, jsonData, secureJsonData, sealed, secureFingerprint } = desired;
  return {
    gateway,
    application,
    uid,
    keys: Object.keys(settable(jsonData)).toSorted(),
    secureKeys: [...new Set([...Object.keys(secureJsonData), ...(sealed?.keys ?? [])])].toSorted(),
    ...(secureFingerprint !== null && { secureFingerprint }),
  };
}

/** Whether Grafana has the secrets that the wanted marker tells of: the two are written together. */
export function hasSecrets(before: Marker, wanted: Marker): boolean {
  return (
    before.secureFingerprint === wanted.secureFingerprint &&
    isDeepStrictEqual(before.secureKeys, wanted.secureKeys)
  );
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

/** @returns the id that a plugin goes by now */
export function canonicalType(type: string): string {
  return renamedTypes.get(type) ?? type;
}

// What was read from JSON may have another prototype than what was written in code.
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
