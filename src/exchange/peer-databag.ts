import * as z from 'zod';
import { type Databag, json } from '#lib/juju';
import { readKey } from '../relations/read-key.ts';

const Fingerprints = json.pipe(z.record(z.string(), z.string()));

/**
 * What the leader writes into the application databag of the peer relation. That it names itself wakes the other
 * units when leadership moves: the former leader is told by nobody else, and may have a registration to take back.
 * @param content.fingerprints - by datasource uid, of the secrets written to Grafana; undefined leaves them
 */
export function peerDatabag(content: {
  readonly leader: string;
  readonly fingerprints: Readonly<Record<string, string>> | undefined;
}): { readonly leader: Databag; readonly fingerprints: Databag } {
  const sorted = Object.entries(content.fingerprints ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    leader: { leader: content.leader },
    fingerprints:
      content.fingerprints === undefined
        ? {}
        : { 'secure-fingerprints': sorted.length === 0 ? '' : JSON.stringify(Object.fromEntries(sorted)) },
  };
}

/** @returns the fingerprints that the last leader left; none when there are none, or they can't be read */
export function readFingerprints(appData: Databag): Readonly<Record<string, string>> {
  return readKey(appData, 'secure-fingerprints', Fingerprints, []) ?? {};
}
