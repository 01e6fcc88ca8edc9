import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { resourceTerms, scopeTerms } from '../spans/searchable.ts';
import type { ResourceRecord, ScopeRecord, SpanRecord } from '../spans/span-record.ts';
import type { SpanKind } from '../trace-store.ts';
import { hashBytes } from './hash.ts';
import { attributeTerms, operationTerm, serviceTerm } from './terms.ts';

/** A resource or scope as the writer knows it. */
export interface Shared {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** Of its attributes. */
  readonly terms: Uint32Array;
  lastSegment: number;
}

export interface Service {
  readonly id: number;
  readonly term: number;
  /** By name, then by kind. */
  readonly operations: Map<string, Map<SpanKind, KnownOperation>>;
  lastSegment: number;
}

export interface KnownOperation {
  readonly term: number;
  lastSegment: number;
}

/** How many names and bytes of each table are kept in memory; others are looked up. */
const maxKnown = 10_000;
const maxKnownBytes = 8 * 1024 * 1024;

/**
 * What spans refer to by number, on the writer's side. Each use notes the segment that it was in, once per segment, so
 * that what is used no more goes with the last segment that used it.
 */
export class Dictionary {
  readonly #resources: SharedTable;
  readonly #scopes: SharedTable;
  readonly #services = new Map<string, Service>();
  readonly #findService: StatementSync;
  readonly #addService: StatementSync;
  readonly #findOperation: StatementSync;
  readonly #addOperation: StatementSync;
  #operations = 0;
  #ofResource = new WeakMap<ResourceRecord, Shared>();
  #ofScope = new WeakMap<ScopeRecord, Shared>();

  constructor(database: DatabaseSync) {
    this.#resources = new SharedTable(database, 'resource');
    this.#scopes = new SharedTable(database, 'scope');
    this.#findService = database.prepare('SELECT id, last_segment FROM service WHERE name = ?');
    this.#findOperation = database.prepare(
      'SELECT last_segment FROM operation WHERE service = ? AND name = ? AND kind = ?',
    );
    this.#addService = database.prepare(
      'INSERT INTO service (name, last_segment) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET last_segment = excluded.last_segment RETURNING id',
    );
    this.#addOperation = database.prepare(
      'INSERT INTO operation VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_segment = excluded.last_segment',
    );
  }

  resource(record: ResourceRecord, segment: number): Shared {
    let known = this.#ofResource.get(record);
    if (known === undefined) {
      known = this.#resources.get(record.bytes, () => attributeTerms(resourceTerms(record)), segment);
      this.#ofResource.set(record, known);
    }
    this.#resources.use(known, segment);
    return known;
  }

  scope(record: ScopeRecord, segment: number): Shared {
    let known = this.#ofScope.get(record);
    if (known === undefined) {
      known = this.#scopes.get(record.bytes, () => attributeTerms(scopeTerms(record)), segment);
      this.#ofScope.set(record, known);
    }
    this.#scopes.use(known, segment);
    return known;
  }

  service(name: string, segment: number): Service {
    let known = this.#services.get(name);
    if (known === undefined || known.lastSegment !== segment) {
      let row = this.#findService.get(name) as { id: number; last_segment: number } | undefined;
      // At start nothing has to be written: there may be no room.
      if (row?.last_segment !== segment) row = this.#addService.get(name, segment) as typeof row & object;
      const { id } = row as { id: number };
      if (this.#services.size >= maxKnown) this.#services.clear();
      known ??= { id, term: serviceTerm(name), operations: new Map(), lastSegment: segment };
      known.lastSegment = segment;
      this.#services.set(name, known);
    }
    return known;
  }

  operation(service: Service, { operation, kind }: SpanRecord, segment: number): KnownOperation {
    let kinds = service.operations.get(operation);
    let known = kinds?.get(kind);
    if (known === undefined || known.lastSegment !== segment) {
      const row = this.#findOperation.get(service.id, operation, kind);
      if (row?.last_segment !== segment) this.#addOperation.run(service.id, operation, kind, segment);
      if (known === undefined) {
        known = { term: operationTerm(service.term, operation), lastSegment: segment };
        this.#operations += 1;
        if (this.#operations > maxKnown) this.#forgetOperations();
        kinds = service.operations.get(operation) ?? new Map();
        kinds.set(kind, known);
        service.operations.set(operation, kinds);
      }
      known.lastSegment = segment;
    }
    return known;
  }

  /** What is in memory may be gone from the file. */
  forget(): void {
    this.#resources.forget();
    this.#scopes.forget();
    this.#services.clear();
    this.#operations = 0;
    this.#ofResource = new WeakMap();
    this.#ofScope = new WeakMap();
  }

  #forgetOperations(): void {
    for (const { operations } of this.#services.values()) operations.clear();
    this.#operations = 1;
  }
}

class SharedTable {
  readonly #known = new Map<string, Shared>();
  #bytes = 0;
  readonly #find: StatementSync;
  readonly #add: StatementSync;
  readonly #use: StatementSync;

  constructor(database: DatabaseSync, table: 'resource' | 'scope') {
    this.#find = database.prepare(`SELECT id, last_segment FROM ${table} WHERE hash = ? AND bytes = ?`);
    this.#add = database.prepare(
      `INSERT INTO ${table} (hash, bytes, last_segment) VALUES (?, ?, ?) RETURNING id`,
    );
    this.#use = database.prepare(`UPDATE ${table} SET last_segment = ? WHERE id = ?`);
  }

  get(bytes: Uint8Array, terms: () => Uint32Array, segment: number): Shared {
    const words = Uint32Array.of(1, 2);
    hashBytes(bytes, words, 0);
    const key = `${words[0]} ${words[1]}`;
    const known = this.#known.get(key);
    if (known !== undefined && Buffer.compare(known.bytes, bytes) === 0) return known;
    const hash = (words[0] as number) * 2 ** 20 + ((words[1] as number) >>> 12);
    const found = this.#find.get(hash, bytes) as { id: number; last_segment: number } | undefined;
    const { id } = found ?? (this.#add.get(hash, bytes, segment) as { id: number });
    const entry: Shared = {
      id,
      bytes: bytes.slice(),
      terms: terms(),
      lastSegment: found?.last_segment ?? segment,
    };
    this.#bytes += bytes.length;
    if (this.#known.size >= maxKnown || this.#bytes > maxKnownBytes) {
      this.forget();
      this.#bytes = bytes.length;
    }
    this.#known.set(key, entry);
    return entry;
  }

  forget(): void {
    this.#known.clear();
    this.#bytes = 0;
  }

  use(entry: Shared, segment: number): void {
    if (entry.lastSegment === segment) return;
    this.#use.run(segment, entry.id);
    entry.lastSegment = segment;
  }
}
