import { setTimeout as sleep } from 'node:timers/promises';
import type { Retention } from './settings.ts';
import type { TenantDatabases } from './tenant-databases.ts';
import type { StoreThreads } from './threads.ts';

const minute = 60_000;
const hour = 60 * minute;
/** Where all that may be open are being used, it is tried again so much later. */
const againMs = 100;

/**
 * Brings retention to the databases that are not open, too: those of tenants from whom nothing comes any more. One after the
 * other, now and then; those that are open are kept within their limits all the time.
 */
export class Sweep {
  readonly #threads: StoreThreads;
  readonly #databases: TenantDatabases;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(threads: StoreThreads, databases: TenantDatabases) {
    this.#threads = threads;
    this.#databases = databases;
  }

  /** @param everyMs - left out: as often as the age of what is kept asks for */
  start({ maxAgeMs, maxBytes }: Retention, everyMs?: number): void {
    if (maxAgeMs === undefined && maxBytes === undefined) return;
    const ms = everyMs ?? Math.max(minute, Math.min(hour, (maxAgeMs ?? hour * 8) / 8));
    this.#running = this.#repeat(ms);
  }

  /** All of them, now. @throws what one of them failed with, after the others were done */
  async run({ isGentle = false } = {}): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    for (const name of await this.#databases.names()) {
      const began = performance.now();
      try {
        while (!(await this.#visit(name))) await this.#wait(againMs);
      } catch (error) {
        failure ??= { error };
      }
      if (this.#stopping.signal.aborted) return;
      // Writes of others wait for as long as one is looked after.
      if (isGentle) await this.#wait((performance.now() - began) * 4);
    }
    if (failure !== undefined) throw failure.error;
  }

  /** Resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  #visit(name: string): Promise<boolean> {
    if (this.#stopping.signal.aborted) return Promise.resolve(true);
    return this.#databases.visit(name, (database) => this.#threads.writer.call('maintain', { database }));
  }

  async #repeat(ms: number): Promise<void> {
    // Soon at first: the limits may be new.
    await this.#wait(Math.min(ms, minute));
    while (!this.#stopping.signal.aborted) {
      // What is wrong with a database is told to those who ask for it.
      await this.run({ isGentle: true }).catch(() => undefined);
      await this.#wait(ms);
    }
  }

  /** Keeps no process alive. */
  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined);
  }
}
