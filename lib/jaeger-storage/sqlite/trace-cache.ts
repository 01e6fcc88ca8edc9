import type { KnownTrace } from './known-trace.ts';

/** How many spans are remembered, at about 100 bytes each. */
const maxSpans = 100_000;
/** A trace costs as much as so many spans, whatever it has. */
const perTrace = 6;

/** Traces that spans came to lately, by id: those used last. What is not here is read from the file. */
export class TraceCache {
  readonly #traces = new Map<string, KnownTrace>();
  #cost = 0;

  get(id: string): KnownTrace | undefined {
    return this.#traces.get(id);
  }

  add(id: string, trace: KnownTrace): void {
    this.#traces.set(id, trace);
    this.#cost += trace.spans + perTrace;
  }

  /** Spans were added to a trace that is here: it is the last to be forgotten from now on. */
  used(id: string, trace: KnownTrace, spansAdded: number): void {
    if (!this.#traces.delete(id)) return;
    this.#traces.set(id, trace);
    this.#cost += spansAdded;
  }

  trim(): void {
    if (this.#cost <= maxSpans) return;
    for (const [id, trace] of this.#traces) {
      if (this.#cost <= maxSpans) return;
      this.#forget(id, trace);
    }
  }

  /** Forgets traces that had spans in a segment that is gone: those would be taken for repeated ones. */
  expire(segment: number): void {
    for (const [id, trace] of this.#traces) if (trace.firstSegment <= segment) this.#forget(id, trace);
  }

  #forget(id: string, trace: KnownTrace): void {
    this.#traces.delete(id);
    this.#cost -= trace.spans + perTrace;
  }
}
