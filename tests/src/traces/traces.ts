import { create, toBinary } from '@bufbuild/protobuf';
import type { Span, Trace } from '#src/traces';
import {
  type Span as OtlpSpan,
  SpanSchema,
  TracesDataSchema,
} from '../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import type { EncodedSpans } from '../../../lib/jaeger-storage/trace-store.ts';

/** A span as it is looked at; ids and names of one's own. Times in microseconds. */
export function span({
  at = 0,
  took = 10,
  ...rest
}: Partial<Span> & { at?: number; took?: number } = {}): Span {
  return {
    spanId: 'aaaaaaaaaaaaaaaa',
    parentSpanId: undefined,
    service: 'shop',
    operation: 'buy',
    kind: '',
    startNs: BigInt(at) * 1_000n,
    durationNs: BigInt(took) * 1_000n,
    isError: false,
    statusMessage: '',
    attributes: {},
    resource: {},
    events: [],
    ...rest,
  };
}

export function trace(...spans: Span[]): Trace {
  return { traceId: '5b8efff798038103d269b633813fc60c', spans };
}

/** A span to be stored. */
export interface Sent {
  /** In hex, 32 digits. */
  readonly traceId: string;
  /** In hex, 16 digits. */
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly service?: string;
  readonly startNs?: bigint;
  readonly durationNs?: bigint;
  readonly more?: Partial<Pick<OtlpSpan, 'attributes' | 'events' | 'status'>>;
}

/** As OTLP's exporters send them, each with a resource of its own. */
export function encoded(...spans: Sent[]): EncodedSpans {
  const resourceSpans = spans.map(({ service = 'shop', startNs = 1_000_000n, ...sent }) => {
    const attributes = [
      { key: 'service.name', value: { value: { case: 'stringValue' as const, value: service } } },
    ];
    const one = create(SpanSchema, {
      ...sent.more,
      traceId: Buffer.from(sent.traceId, 'hex'),
      spanId: Buffer.from(sent.spanId ?? 'aaaaaaaaaaaaaaaa', 'hex'),
      parentSpanId: Buffer.from(sent.parentSpanId ?? '', 'hex'),
      name: sent.name ?? 'buy',
      startTimeUnixNano: startNs,
      endTimeUnixNano: startNs + (sent.durationNs ?? 1_000n),
    });
    return { resource: { attributes }, scopeSpans: [{ spans: [one] }] };
  });
  return { format: 'otlp', bytes: toBinary(TracesDataSchema, create(TracesDataSchema, { resourceSpans })) };
}

/** On nobody's behalf. */
export const context = { tenant: '', signal: new AbortController().signal };

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
