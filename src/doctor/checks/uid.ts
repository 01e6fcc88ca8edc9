import type { Grafana } from '../world.ts';

/** Grafana 12 and later refuse longer ones. */
const longestUid = 40;

/**
 * What a UID is that is not where it should be.
 * - `name`: what Canonical's Grafana charm, or a person, calls a datasource
 * - `too-long`: Grafana takes no such UID
 */
export function shapeOf(uid: string): 'uid' | 'name' | 'too-long' {
  if (isJujuName(uid) || !/^[A-Za-z0-9_-]+$/.test(uid)) return 'name';
  return uid.length > longestUid ? 'too-long' : 'uid';
}

/** @returns whether this is what Canonical's Grafana charm calls the datasource of a Juju application or unit */
export function isJujuName(uid: string): boolean {
  return /^juju_.+_[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}_[a-z][a-z0-9-]*(?:_\d{1,9})?$/.test(uid);
}

/**
 * Canonical's Grafana charm, v0 and v1, hands out the names of datasources in place of their UIDs, and all of its
 * peers know it so: pages of Grafana look a reference up by UID and then by name.
 */
export function handsOutNames(grafana: Grafana): boolean {
  return [...grafana.handedOut.keys()].some(isJujuName);
}
