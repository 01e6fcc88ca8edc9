import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { readSpans } from '../spans/read-spans.ts';
import type { SpanRecord } from '../spans/span-record.ts';
import { encodeTrace, type StoredSpan } from '../spans/write-spans.ts';
import { DamagedError } from './byte-reader.ts';
import { decodeFragment, type FragmentSpan } from './fragment.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** How many resources or scopes are kept at hand. */
const maxKnown = 4096;

/** Reads spans back: fragments, with the resources and scopes that they refer to. */
export class FragmentReader {
  readonly #body: StatementSync;
  readonly #parts: StatementSync;
  readonly #resources: ById;
  readonly #scopes: ById;

  constructor(database: DatabaseSync) {
    this.#body = database.prepare('SELECT body FROM fragment WHERE id = ?');
    this.#parts = database.prepare('SELECT fragment FROM trace_part WHERE trace = ? ORDER BY fragment');
    this.#parts.setReturnArrays(true);
    this.#resources = new ById(database, 'resource');
    this.#scopes = new ById(database, 'scope');
  }

  /** @returns ids of a trace's fragments in sealed segments, in order of arrival */
  sealedParts(traceId: Uint8Array): number[] {
    return (this.#parts.all(traceId) as unknown as [number][]).map(([id]) => id);
  }

  /** @returns undefined: there is no such fragment, any more */
  read(fragment: number): FragmentSpan[] | undefined {
    const row = this.#body.get(fragment) as { body: Bytes } | undefined;
    return row && decodeFragment(row.body);
  }

  /** @returns undefined: what it refers to is gone, since it has expired between two reads */
  stored({ format, resource, scope, bytes }: FragmentSpan): StoredSpan | undefined {
    const resourceBytes = this.#resources.get(resource);
    const scopeBytes = this.#scopes.get(scope);
    if (resourceBytes === undefined || scopeBytes === undefined) return undefined;
    return { format, resource: resourceBytes, scope: scopeBytes, bytes };
  }

  /** @returns undefined: there is no such fragment, any more */
  storedSpans(fragment: number): StoredSpan[] | undefined {
    return this.read(fragment)?.flatMap((span) => this.stored(span) ?? []);
  }

  records(fragment: number): SpanRecord[] {
    return recordsOf(this.storedSpans(fragment) ?? []);
  }

  has(fragment: number): boolean {
    return this.#body.get(fragment) !== undefined;
  }
}

/** @returns one for each, in the same order */
export function recordsOf(spans: readonly StoredSpan[]): SpanRecord[] {
  const records = encodeTrace(spans).flatMap((encoded) => readSpans(encoded));
  if (records.length !== spans.length) throw new DamagedError('spans of a fragment are not what was written');
  return records;
}

/** Rows of a table whose ids are never given twice. */
class ById {
  readonly #find: StatementSync;
  readonly #known = new Map<number, Bytes>();

  constructor(database: DatabaseSync, table: 'resource' | 'scope') {
    this.#find = database.prepare(`SELECT bytes FROM ${table} WHERE id = ?`);
  }

  get(id: number): Bytes | undefined {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const row = this.#find.get(id) as { bytes: Bytes } | undefined;
    if (row === undefined) return undefined;
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(id, row.bytes);
    return row.bytes;
  }
}
