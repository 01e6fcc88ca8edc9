import type { PeerView } from '#src/exchange';
import { readFingerprintKey } from '#src/exchange';
import type { GrafanaAuth } from '#src/grafana';
import type { World } from './world.ts';

/**
 * Tells whether secrets changed, since Grafana never shows those that it holds.
 *
 * Every Viewer of that Grafana can read a fingerprint. So it is keyed with what none of them knows: with a random key
 * that only this application's units share, and with the credentials. By either alone a password could be guessed,
 * given enough time, by those who know the other: Grafana's Viewers, and those who may look into this model.
 */
export class Fingerprints {
  readonly #auth: GrafanaAuth | null;
  readonly #kept: string | undefined;
  readonly #randomBytes: ((size: number) => Buffer) | undefined;
  /** What they are made with; null as long as none was made. A new one that gets lost costs one write more. */
  key: string | null = null;

  /** @param auth - null makes none */
  constructor(auth: GrafanaAuth | null, peer: PeerView | null, { randomBytes }: Pick<World, 'randomBytes'>) {
    this.#randomBytes = randomBytes;
    this.#auth = auth;
    this.#kept = readFingerprintKey(peer?.appData ?? {});
  }

  /**
   * @param remoteApp - whose secrets they are: equal ones of two applications don't look equal
   * @returns null where there are no secrets
   */
  readonly of = (remoteApp: string, secrets: Readonly<Record<string, string>>): string | null => {
    if (this.#auth === null || Object.keys(secrets).length === 0) return null;
    // Not imported: crypto takes 5 ms to load, and few sources have secrets.
    const crypto = process.getBuiltinModule('node:crypto');
    this.key ??= this.#kept ?? (this.#randomBytes ?? crypto.randomBytes)(16).toString('hex');
    const credential = this.#auth.kind === 'bearer' ? this.#auth.token : this.#auth.password;
    const sorted = Object.entries(secrets).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return crypto
      .createHmac('sha256', `${this.key} ${credential}`)
      .update(JSON.stringify([remoteApp, sorted]))
      .digest('hex')
      .slice(0, 32);
  };
}
