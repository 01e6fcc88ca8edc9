import { toolError } from '../errors-from-tool.ts';
import type { Changes, UnitState } from './state.ts';

const maxKeyBytes = 256;
const maxValueBytes = 65_536;
/** Juju's default for the controller setting `max-charm-state-size`. */
const maxTotalBytes = 2 * 1024 * 1024;

/** What a charm keeps by `state-set`, during one hook. */
export class StoredState {
  readonly #before: ReadonlyMap<string, string>;
  readonly #now: Map<string, string>;

  constructor(state: UnitState) {
    this.#before = new Map(Object.entries(state.stored));
    this.#now = new Map(this.#before);
  }

  all(): Record<string, string> {
    return Object.fromEntries(this.#now);
  }

  set(values: Readonly<Record<string, string>>): void {
    for (const [key, value] of Object.entries(values)) {
      atMost(Buffer.byteLength(key), maxKeyBytes, 'key length');
      atMost(Buffer.byteLength(value), maxValueBytes, 'value length');
    }
    for (const [key, value] of Object.entries(values)) this.#now.set(key, value);
  }

  delete(key: string): void {
    this.#now.delete(key);
  }

  /** @throws {HookToolError} when it has grown too large, which Juju finds only as it commits */
  changes(): Changes['stored'] {
    const set = [...this.#now].filter(([key, value]) => this.#before.get(key) !== value);
    const deleted = [...this.#before.keys()].filter((key) => !this.#now.has(key));
    if (set.length > 0) {
      const bytes = [...this.#now].reduce((n, [k, v]) => n + Buffer.byteLength(k) + Buffer.byteLength(v), 0);
      atMost(bytes, maxTotalBytes, 'size');
    }
    return { set: Object.fromEntries(set), deleted };
  }
}

function atMost(bytes: number, limitBytes: number, what: string): void {
  if (bytes > limitBytes) throw toolError('state-set', 1, `max allowed ${what} (${limitBytes}) exceeded`);
}
