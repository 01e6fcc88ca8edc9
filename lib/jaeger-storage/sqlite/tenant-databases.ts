import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineSettings } from './settings.ts';
import { tenantFolder } from './tenant-folder.ts';
import type { StoreThreads } from './threads.ts';

interface Tenant {
  readonly database: number;
  /** false: there is no such database yet. */
  readonly opened: Promise<boolean>;
  users: number;
  /** Opened by {@link TenantDatabases.visit}, and asked for by nobody else. */
  isVisited: boolean;
}

interface Held {
  readonly database: number;
  readonly release: () => void;
}

/** Opens the databases of tenants when they are asked for, and closes those that nobody has asked for the longest time. */
export class TenantDatabases {
  readonly #threads: StoreThreads;
  readonly #folder: string;
  readonly #settings: EngineSettings;
  readonly #maxOpen: number;
  /** By {@link databaseName}. The one used last is at the end. */
  readonly #tenants = new Map<string, Tenant>();
  /** Closing ones: a file is not opened again before that. */
  readonly #closing = new Map<string, Promise<void>>();

  constructor(threads: StoreThreads, folder: string, settings: EngineSettings, maxOpen: number) {
    this.#threads = threads;
    this.#folder = folder;
    this.#settings = settings;
    this.#maxOpen = maxOpen;
  }

  /**
   * Calls `use` with the database of a tenant, which stays open meanwhile.
   * @returns undefined: the tenant has never written, and `mayCreate` is false
   */
  async with<T>(
    tenant: string,
    mayCreate: boolean,
    use: (database: number) => Promise<T>,
  ): Promise<T | undefined> {
    const known = await this.acquire(tenant, mayCreate);
    if (known === undefined) return undefined;
    try {
      return await use(known.database);
    } finally {
      known.release();
    }
  }

  /** As {@link with}, for as long as whoever asks wants it. */
  acquire(tenant: string, mayCreate: boolean): Promise<Held | undefined> {
    return this.#acquire(databaseName(tenant), mayCreate);
  }

  /** @returns the names of all databases that there are, open or not */
  async names(): Promise<readonly string[]> {
    try {
      return ['', ...(await readdir(join(this.#folder, 'tenants')))];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [''];
      throw error;
    }
  }

  /**
   * Calls `use` with a database by its name. One that is not open is opened only for that, and where one too many would be
   * open, in the place of one that nobody is using.
   * @returns false: all that are open are being used
   */
  async visit(name: string, use: (database: number) => Promise<void>): Promise<boolean> {
    if (!this.#tenants.has(name)) {
      await this.#closeUnused(this.#maxOpen - 1);
      if (!this.#tenants.has(name) && this.#tenants.size >= this.#maxOpen) return false;
    }
    const held = await this.#acquire(name, false, true);
    if (held === undefined) return true;
    try {
      await use(held.database);
    } finally {
      held.release();
      const known = this.#tenants.get(name);
      if (known?.isVisited && known.users === 0) await this.#close(name);
    }
    return true;
  }

  async #acquire(name: string, mayCreate: boolean, isVisit = false): Promise<Held | undefined> {
    for (;;) {
      await this.#closing.get(name);
      const known = this.#tenants.get(name) ?? this.#open(name, mayCreate, isVisit);
      known.users += 1;
      if (!isVisit) known.isVisited = false;
      this.#tenants.delete(name);
      this.#tenants.set(name, known);
      let isThere = false;
      try {
        isThere = await known.opened;
        if (isThere) {
          void this.#closeUnused(this.#maxOpen);
          return {
            database: known.database,
            release: () => {
              known.users -= 1;
              void this.#closeUnused(this.#maxOpen);
            },
          };
        }
      } finally {
        // What could not be opened is tried again by whoever comes next.
        if (!isThere) {
          known.users -= 1;
          if (this.#tenants.get(name) === known) this.#tenants.delete(name);
        }
      }
      if (!mayCreate) return undefined;
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#tenants.values()].map(({ opened }) => opened));
    await Promise.allSettled([...this.#tenants.keys()].map((name) => this.#close(name)));
    await Promise.allSettled(this.#closing.values());
  }

  #open(name: string, mayCreate: boolean, isVisited: boolean): Tenant {
    const database = this.#threads.nextDatabase();
    const folder = name === '' ? this.#folder : join(this.#folder, 'tenants', name);
    const file = join(folder, 'spans.db');
    const open = async () => {
      const settings = this.#settings;
      if (!(await this.#threads.writer.call('open', { database, file, settings, mayCreate }))) return false;
      try {
        await this.#threads.reader.call('open', { database, file });
      } catch (error) {
        await this.#threads.writer.call('close', { database });
        throw error;
      }
      return true;
    };
    return { database, opened: open(), users: 0, isVisited };
  }

  /** @param most - to stay open, with those that are being used */
  async #closeUnused(most: number): Promise<void> {
    const closing: Promise<void>[] = [];
    for (const [name, { users }] of this.#tenants) {
      if (this.#tenants.size <= most) break;
      if (users === 0) closing.push(this.#close(name));
    }
    await Promise.all(closing);
  }

  #close(name: string): Promise<void> {
    const known = this.#tenants.get(name);
    if (known === undefined) return Promise.resolve();
    this.#tenants.delete(name);
    const close = async () => {
      const { database } = known;
      try {
        await this.#threads.reader.call('close', { database });
      } finally {
        await this.#threads.writer.call('close', { database });
      }
    };
    // A close that fails is of a thread that has ended, which every later call tells.
    const closing = close().then(
      () => this.#closing.delete(name),
      () => this.#closing.delete(name),
    );
    this.#closing.set(name, closing as Promise<unknown> as Promise<void>);
    return closing as Promise<unknown> as Promise<void>;
  }
}

/** Of a tenant's database: that of its folder, which '' has not. */
function databaseName(tenant: string): string {
  return tenant === '' ? '' : tenantFolder(tenant);
}
