import { createHash } from 'node:crypto';
import type { SpanRecord } from '../spans/span-record.ts';
import { encodeTrace } from '../spans/write-spans.ts';
import type { TimeRange, TracePart } from '../trace-store.ts';

/** What makes ids keys of a Map. */
export function keyOf(id: Uint8Array): string {
  return Buffer.from(id).toString('hex');
}

/** All spans of one trace, in the order in which they came. */
export class StoredTrace {
  /** 16 bytes */
  readonly traceId: Uint8Array;
  /** The earliest start and the latest end. Unix nanoseconds */
  startNs: bigint | undefined;
  endNs: bigint | undefined;
  /** By their content: what is sent again is there already. */
  readonly #spans = new Map<string, SpanRecord>();

  constructor(traceId: Uint8Array) {
    this.traceId = traceId;
  }

  add(span: SpanRecord): void {
    this.#spans.set(contentKey(span), span);
    const endNs = span.startNs + span.durationNs;
    if (this.startNs === undefined || span.startNs < this.startNs) this.startNs = span.startNs;
    if (this.endNs === undefined || endNs > this.endNs) this.endNs = endNs;
  }

  /** The whole trace. A store that holds long ones would give them in several parts. */
  part(): TracePart {
    const stored = [...this.#spans.values()].map(({ format, resource, scope, bytes }) => ({
      format,
      resource: resource.bytes,
      scope: scope.bytes,
      bytes,
    }));
    return { traceId: this.traceId, spans: encodeTrace(stored) };
  }

  /** What searches may find. */
  *searchable(): Generator<SpanRecord> {
    for (const span of this.#spans.values()) if (!span.isFirehose) yield span;
  }

  /** The services that called each other, once for each child that starts in the range. */
  *calls({ startMin, startMax }: TimeRange): Generator<{ readonly parent: string; readonly child: string }> {
    const services = new Map<string, string>();
    for (const { spanId, resource } of this.#spans.values()) {
      // Of several spans with one id, the first to arrive is the parent.
      const id = keyOf(spanId);
      if (!services.has(id)) services.set(id, resource.service);
    }
    for (const { parentSpanId, startNs, resource } of this.#spans.values()) {
      if (parentSpanId === undefined) continue;
      if (startMin !== undefined && startNs < startMin) continue;
      if (startMax !== undefined && startNs > startMax) continue;
      const parent = services.get(keyOf(parentSpanId));
      if (parent !== undefined) yield { parent, child: resource.service };
    }
  }
}

/** Equal for the same bytes from the same sender, and for nothing else. */
function contentKey({ format, resource, scope, bytes }: SpanRecord): string {
  const hash = createHash('sha256').update(format);
  for (const part of [resource.bytes, scope.bytes, bytes]) hash.update(`${part.length}:`).update(part);
  return hash.digest('base64');
}
