import * as z from 'zod';
import type { Databag, DatabagChanges } from '#lib/juju';
import { readKey } from '../relations/read-key.ts';

/**
 * What the leader writes into the application databag of the peer relation. That it names itself wakes the other
 * units when leadership moves: the former leader is told by nobody else, and may have a registration to take back.
 * @param content.fingerprintKey - what fingerprints of secrets are made with; null leaves the one that is there
 */
export function peerDatabag(content: {
  readonly leader: string;
  readonly fingerprintKey: string | null;
}): DatabagChanges {
  const { leader, fingerprintKey } = content;
  return {
    leader,
    ...(fingerprintKey !== null && { 'fingerprint-key': fingerprintKey }),
    // Of earlier revisions, which kept the fingerprints themselves here.
    'secure-fingerprints': '',
  };
}

/** @returns what the last leader made fingerprints with; undefined when there is none, or it can't be read */
export function readFingerprintKey(appData: Databag): string | undefined {
  return readKey(appData, 'fingerprint-key', z.string().regex(/^[0-9a-f]{32}$/), []);
}
