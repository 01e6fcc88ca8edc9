import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ownTerms } from '../spans/searchable.ts';
import type { SpanRecord } from '../spans/span-record.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Dictionary } from './dictionary.ts';
import { encodeFragment, type FragmentSpan } from './fragment.ts';
import type { FragmentReader } from './fragment-reader.ts';
import type { KnownTrace } from './known-trace.ts';
import { OpenSegment } from './open-segment.ts';
import { Sealer } from './seal.ts';
import type { EngineSettings } from './settings.ts';
import { attributeTerm } from './terms.ts';
import { traceKey } from './trace-key.ts';

/** A fragment takes no more than so many spans, or bytes but for the last span: what one read has to decode. */
const maxFragmentSpans = 1024;
const maxFragmentBytes = 512 * 1024;

/** Spans of one trace in one commit. */
export interface TraceGroup {
  /** Of the trace, as a key. */
  readonly id: string;
  readonly known: KnownTrace;
  readonly spans: SpanRecord[];
  /** Of each span: Unix nanoseconds, rounded. */
  readonly starts: number[];
}

/** What a sealed segment has. */
export interface Sealed {
  readonly spans: number;
  /** Of which no earlier segment has anything. */
  readonly traces: number;
}

/** A run of spans that go into one fragment. */
interface FragmentRun {
  readonly id: string;
  readonly traceId: Uint8Array;
  readonly spans: readonly SpanRecord[];
  readonly starts: readonly number[];
  readonly from: number;
  readonly to: number;
}

/**
 * Puts spans into the open segment: their fragments into the file, their index into memory. A segment that is full is sealed
 * and the next one begun. All of it within transactions of the caller's.
 */
export class SegmentWriter {
  readonly #settings: EngineSettings;
  readonly #dictionary: Dictionary;
  readonly #onSealed: (sealed: Sealed) => void;
  readonly #insert: StatementSync;
  readonly #sealer: Sealer;
  readonly #bytes = new ByteWriter(64 * 1024);
  #open: OpenSegment;
  /** Fragments of the open segment, by trace. */
  #openTraces = new Map<string, number[]>();
  #newTraces = 0;
  #writtenFrom = 0;
  #writtenTo = 0;

  /** @param open - with nothing in it: what the file has for it comes by {@link recover} */
  constructor(
    database: DatabaseSync,
    dictionary: Dictionary,
    settings: EngineSettings,
    open: OpenSegment,
    onSealed: (sealed: Sealed) => void,
  ) {
    this.#settings = settings;
    this.#dictionary = dictionary;
    this.#open = open;
    this.#onSealed = onSealed;
    this.#insert = database.prepare('INSERT INTO fragment VALUES (?, ?, ?, ?)');
    this.#sealer = new Sealer(database);
  }

  get open(): OpenSegment {
    return this.#open;
  }

  /** Traces of the open segment of which no sealed one has anything. */
  get newTraces(): number {
    return this.#newTraces;
  }

  /** When the first span of the open segment came, in Unix milliseconds. 0: there is none. */
  get writtenFrom(): number {
    return this.#writtenFrom;
  }

  get nextFragment(): number {
    return this.#open.firstFragment + this.#open.fragments;
  }

  /** @returns the ids of the fragments of the trace in the open segment, ascending */
  openFragments(id: string): readonly number[] {
    return this.#openTraces.get(id) ?? [];
  }

  /** Makes the index of the segment that was open when the file was closed. */
  recover(database: DatabaseSync, fragments: FragmentReader): void {
    const rows = database.prepare(
      'SELECT id, written_at, trace, length(body) AS bytes FROM fragment WHERE id >= ? ORDER BY id',
    );
    for (const row of rows.iterate(this.#open.firstFragment)) {
      const { id, written_at, trace, bytes } = row as {
        id: number;
        written_at: number;
        trace: Uint8Array;
        bytes: number;
      };
      this.#writtenFrom ||= written_at;
      this.#writtenTo = written_at;
      const isNew = fragments.sealedParts(trace).length === 0;
      const spans = fragments.records(id);
      const starts = spans.map(({ startNs }) => Number(startNs));
      this.#index(
        { id: traceKey(trace), traceId: trace, spans, starts, from: 0, to: spans.length },
        bytes,
        isNew,
      );
    }
  }

  /** @param now - Unix milliseconds */
  store({ id, known, spans, starts }: TraceGroup, now: number): void {
    const { traceId } = spans[0] as SpanRecord;
    for (let from = 0; from < spans.length; ) {
      if (this.#isFull()) this.seal();
      this.#writtenFrom ||= now;
      this.#writtenTo = now;
      if (known.firstSegment === Number.POSITIVE_INFINITY) known.firstSegment = this.#open.id;
      const parts = this.#nextParts(spans, from);
      const to = from + parts.length;
      const body = encodeFragment(parts, 0, parts.length, this.#bytes);
      this.#insert.run(this.nextFragment, now, traceId, body);
      this.#index(
        { id, traceId, spans, starts, from, to },
        body.length,
        known.firstSegment === this.#open.id,
      );
      from = to;
    }
  }

  seal(): void {
    const sealed = this.#open;
    const traces = this.#sealer.seal(sealed, { from: this.#writtenFrom, to: this.#writtenTo });
    this.#onSealed({ spans: sealed.spans, traces });
    this.#open = new OpenSegment(sealed.id + 1, sealed.firstFragment + sealed.fragments);
    this.#openTraces = new Map();
    this.#newTraces = 0;
    this.#writtenFrom = 0;
    this.#writtenTo = 0;
  }

  #isFull(): boolean {
    return this.#open.spans >= this.#settings.segmentSpans || this.#open.bytes >= this.#settings.segmentBytes;
  }

  /** @returns what one fragment takes */
  #nextParts(spans: readonly SpanRecord[], from: number): FragmentSpan[] {
    const parts: FragmentSpan[] = [];
    let bytes = 0;
    for (let n = from; n < spans.length; n += 1) {
      if (parts.length >= maxFragmentSpans || bytes >= maxFragmentBytes) break;
      const span = spans[n] as SpanRecord;
      parts.push({
        format: span.format,
        // Again, since another segment may have begun.
        resource: this.#dictionary.resource(span.resource, this.#open.id).id,
        scope: this.#dictionary.scope(span.scope, this.#open.id).id,
        bytes: span.bytes,
      });
      bytes += span.bytes.length;
    }
    return parts;
  }

  /**
   * @param bytes - of the body of the fragment
   * @param isNew - no sealed segment has anything of the trace
   */
  #index({ id, traceId, spans, starts, from, to }: FragmentRun, bytes: number, isNew: boolean): void {
    const segment = this.#open;
    const fragment = this.nextFragment;
    const before = this.#openTraces.get(id);
    if (before !== undefined) before.push(fragment);
    else {
      this.#openTraces.set(id, [fragment]);
      if (isNew) this.#newTraces += 1;
    }
    segment.addFragment(traceId, bytes);
    for (let n = from; n < to; n += 1) {
      const span = spans[n] as SpanRecord;
      segment.addSpan(starts[n] as number, Number(span.durationNs));
      const service = this.#dictionary.service(span.resource.service, segment.id);
      const operation = this.#dictionary.operation(service, span, segment.id);
      // Whoever sets it wants no searches for them, and the index is what they cost.
      if (span.isFirehose) continue;
      segment.addTerm(service.term);
      segment.addTerm(operation.term);
      segment.addTerms(this.#dictionary.resource(span.resource, segment.id).terms);
      segment.addTerms(this.#dictionary.scope(span.scope, segment.id).terms);
      for (const [key, text] of ownTerms(span)) segment.addTerm(attributeTerm(key, text));
    }
  }
}
