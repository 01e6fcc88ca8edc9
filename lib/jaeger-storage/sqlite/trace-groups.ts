import type { SpanRecord } from '../spans/span-record.ts';
import type { Dictionary } from './dictionary.ts';
import type { OnCall } from './known-trace.ts';
import type { KnownTraces } from './known-traces.ts';
import type { TraceGroup } from './segment-writer.ts';
import { spanFacts } from './span-facts.ts';
import { isSameTrace, traceKey } from './trace-key.ts';

/** Sorts the spans of a commit by trace, leaving out those that are there already. */
export class TraceGroups {
  readonly #groups = new Map<string, TraceGroup>();
  readonly #traces: KnownTraces;
  readonly #dictionary: Dictionary;
  readonly #segment: number;
  readonly #onCall: OnCall;

  /**
   * @param segment - the open one
   * @param onCall - told of calls that the spans make known
   */
  constructor(traces: KnownTraces, dictionary: Dictionary, segment: number, onCall: OnCall) {
    this.#traces = traces;
    this.#dictionary = dictionary;
    this.#segment = segment;
    this.#onCall = onCall;
  }

  add(records: readonly SpanRecord[]): void {
    let group: TraceGroup | undefined;
    let last: Uint8Array | undefined;
    for (const span of records) {
      if (group === undefined || last === undefined || !isSameTrace(last, span.traceId)) {
        last = span.traceId;
        group = this.#groupOf(last);
      }
      const resource = this.#dictionary.resource(span.resource, this.#segment);
      const scope = this.#dictionary.scope(span.scope, this.#segment);
      if (!group.known.add(spanFacts(span, resource, scope), this.#onCall)) continue;
      group.spans.push(span);
      group.starts.push(Number(span.startNs));
    }
  }

  /** Those that have spans to store. */
  *all(): Generator<TraceGroup> {
    for (const group of this.#groups.values()) if (group.spans.length > 0) yield group;
  }

  #groupOf(traceId: Uint8Array): TraceGroup {
    const id = traceKey(traceId);
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = { id, known: this.#traces.get(id, traceId), spans: [], starts: [] };
      this.#groups.set(id, group);
    }
    return group;
  }
}
