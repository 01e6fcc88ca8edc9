import type { Dictionary } from './dictionary.ts';
import type { FragmentReader } from './fragment-reader.ts';
import { KnownTrace } from './known-trace.ts';
import type { SegmentWriter } from './segment-writer.ts';
import { spanFacts } from './span-facts.ts';
import { TraceCache } from './trace-cache.ts';

/** What the writer knows of traces: of those used last at hand, of others from the file. */
export class KnownTraces {
  readonly #segments: SegmentWriter;
  readonly #fragments: FragmentReader;
  readonly #dictionary: Dictionary;
  readonly #cache = new TraceCache();

  constructor(segments: SegmentWriter, fragments: FragmentReader, dictionary: Dictionary) {
    this.#segments = segments;
    this.#fragments = fragments;
    this.#dictionary = dictionary;
  }

  /** @param id - of the trace, as a key */
  get(id: string, traceId: Uint8Array): KnownTrace {
    const cached = this.#cache.get(id);
    if (cached !== undefined) return cached;
    const { open } = this.#segments;
    const fragments = [...this.#fragments.sealedParts(traceId), ...this.#segments.openFragments(id)];
    const isSealed = fragments.length > 0 && (fragments[0] as number) < open.firstFragment;
    // The first of several sealed ones is not known: 0 has the trace forgotten with whichever expires next.
    const known = new KnownTrace(isSealed ? 0 : fragments.length > 0 ? open.id : Number.POSITIVE_INFINITY);
    for (const fragment of fragments) {
      for (const span of this.#fragments.records(fragment)) {
        const resource = this.#dictionary.resource(span.resource, open.id);
        const scope = this.#dictionary.scope(span.scope, open.id);
        // Calls between them were counted when they came.
        known.add(spanFacts(span, resource, scope), () => undefined);
      }
    }
    this.#cache.add(id, known);
    return known;
  }

  /** Spans were added to it. */
  used(id: string, known: KnownTrace, spansAdded: number): void {
    this.#cache.used(id, known, spansAdded);
  }

  /** Forgets those used longest ago, where there are too many. */
  trim(): void {
    this.#cache.trim();
  }

  /** A segment is gone, with what it had of them. */
  expire(segment: number): void {
    this.#cache.expire(segment);
  }
}
