import type { SpanRecord } from '../spans/span-record.ts';
import type { Shared } from './dictionary.ts';
import { hashBytes } from './hash.ts';
import type { SpanFacts } from './known-trace.ts';

const words = new Uint32Array(2);

export function spanFacts(span: SpanRecord, resource: Shared, scope: Shared): SpanFacts {
  // Where equal bytes have other resources or scopes, they are other spans: their numbers are the seeds.
  words[0] = Math.imul(resource.id, 0x9e3779b1) ^ (span.format === 'otlp' ? 1 : 2);
  words[1] = Math.imul(scope.id, 0x85ebca77) ^ resource.id;
  hashBytes(span.bytes, words, 0);
  const { spanId, parentSpanId } = span;
  return {
    idHigh: uint32At(spanId, 0),
    idLow: uint32At(spanId, 4),
    parent: parentSpanId && { high: uint32At(parentSpanId, 0), low: uint32At(parentSpanId, 4) },
    hashA: words[0] as number,
    hashB: words[1] as number,
    service: span.resource.service,
    startNs: span.startNs,
  };
}

function uint32At(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}
