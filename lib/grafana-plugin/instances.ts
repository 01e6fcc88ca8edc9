import type { Awaitable } from './datasource.ts';

/** What it is that an instance was made of. When that changes, so must the instance. */
export interface Fingerprint {
  /** Unix milliseconds. */
  readonly updatedMs: number;
  readonly config: Readonly<Record<string, string>>;
}

interface Disposable {
  dispose?(): Awaitable<void>;
}

interface Entry<Instance> {
  readonly fingerprint: Fingerprint;
  readonly instance: Promise<Instance>;
  idle: NodeJS.Timeout | undefined;
}

interface Options {
  /** Calls that still use the old instance have this long to end. */
  readonly graceMs?: number;
  /** Told of what `dispose` threw, which nobody waits for. */
  onDisposeError(error: unknown): void;
}

/**
 * One instance for each datasource, for as long as its settings stay as they are.
 * @see grafana/grafana-plugin-sdk-go: backend/instancemgmt/instance_manager.go
 */
export class Instances<Instance extends Disposable> {
  readonly #entries = new Map<string, Entry<Instance>>();
  readonly #leaving = new Map<NodeJS.Timeout, Promise<Instance>>();
  readonly #graceMs: number;
  readonly #onDisposeError: (error: unknown) => void;
  #created = 0;

  constructor({ graceMs = 5_000, onDisposeError }: Options) {
    this.#graceMs = graceMs;
    this.#onDisposeError = onDisposeError;
  }

  /** Instances that calls are given. */
  get active(): number {
    return this.#entries.size;
  }

  /** Instances made since the process started. */
  get created(): number {
    return this.#created;
  }

  /**
   * @param create - at most one call at a time for a key and a fingerprint; when it fails, whoever asks next tries again,
   * and the instance that was there before is gone nevertheless: its settings are no longer what somebody wants
   * @param idleMs - dispose of it when nobody asks for so long; undefined keeps it
   */
  async get(
    key: string,
    fingerprint: Fingerprint,
    create: () => Awaitable<Instance>,
    idleMs?: number,
  ): Promise<Instance> {
    const held = this.#entries.get(key);
    if (held !== undefined && equal(held.fingerprint, fingerprint)) {
      if (idleMs !== undefined) this.#expire(key, held, idleMs);
      return held.instance;
    }
    const instance = this.#create(create);
    const entry: Entry<Instance> = { fingerprint, instance, idle: undefined };
    this.#entries.set(key, entry);
    if (held !== undefined) this.#leave(held);
    if (idleMs !== undefined) this.#expire(key, entry, idleMs);
    try {
      return await instance;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      clearTimeout(entry.idle);
      throw error;
    }
  }

  /** Disposes of all of them, the leaving ones too, without further grace. */
  async dispose(): Promise<void> {
    const all = [...this.#entries.values()]
      .map(({ instance }) => instance)
      .concat([...this.#leaving.values()]);
    for (const { idle } of this.#entries.values()) clearTimeout(idle);
    for (const timer of this.#leaving.keys()) clearTimeout(timer);
    this.#entries.clear();
    this.#leaving.clear();
    await Promise.all(all.map((instance) => this.#end(instance)));
  }

  async #create(create: () => Awaitable<Instance>): Promise<Instance> {
    const instance = await create();
    this.#created += 1;
    return instance;
  }

  #leave({ instance, idle }: Entry<Instance>): void {
    clearTimeout(idle);
    const timer = setTimeout(() => {
      this.#leaving.delete(timer);
      void this.#end(instance);
    }, this.#graceMs).unref();
    this.#leaving.set(timer, instance);
  }

  #expire(key: string, entry: Entry<Instance>, idleMs: number): void {
    if (entry.idle !== undefined) {
      entry.idle.refresh();
      return;
    }
    entry.idle = setTimeout(() => {
      if (this.#entries.get(key) !== entry) return;
      this.#entries.delete(key);
      void this.#end(entry.instance);
    }, idleMs).unref();
  }

  async #end(instance: Promise<Instance>): Promise<void> {
    let made: Instance;
    try {
      made = await instance;
    } catch {
      // Never made: whoever asked for it was told why.
      return;
    }
    try {
      await made.dispose?.();
    } catch (error) {
      this.#onDisposeError(error);
    }
  }
}

function equal(one: Fingerprint, other: Fingerprint): boolean {
  if (!Object.is(one.updatedMs, other.updatedMs)) return false;
  const keys = Object.keys(one.config);
  return (
    keys.length === Object.keys(other.config).length &&
    keys.every((key) => Object.hasOwn(other.config, key) && one.config[key] === other.config[key])
  );
}
