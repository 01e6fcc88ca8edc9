import { create, toBinary } from '@bufbuild/protobuf';
import {
  type ResourceSpansSchema,
  type Span,
  Span_SpanKind,
  SpanSchema,
  TracesDataSchema,
} from '../../lib/jaeger-storage/proto/otlp_trace_pb.ts';

/** The load: a trace has a span of each of ten services, eleven attributes each, and arrives in two halves. */
export const spansPerTrace = 10;
export const tracesPerBatch = 100;
export const spansPerBatch = spansPerTrace * tracesPerBatch;

/** Unix nanoseconds at which the first trace starts: all of them lie in the last hour before the bench began. */
export interface Clock {
  readonly firstStart: bigint;
  /** Nanoseconds from one trace's start to the next one's. */
  readonly step: bigint;
}

const services = Array.from({ length: spansPerTrace }, (_, i) => `service-${i}`);
const methods = ['GET', 'POST', 'PUT', 'DELETE'];
const userDigits = 10;
const variants = 8;

/** Where one span of a batch has what differs from batch to batch. Offsets in bytes. */
interface Place {
  /** In traces of this batch; negative for the traces of the batch before. */
  readonly trace: number;
  readonly at: {
    readonly traceId: number;
    readonly start: number;
    readonly end: number;
    readonly user: number;
  };
  readonly offsetNs: bigint;
  readonly durationNs: bigint;
}

interface Template {
  readonly bytes: Buffer;
  readonly places: readonly Place[];
}

/**
 * Makes OTLP requests of 1,000 spans at little cost, so that the client leaves the processor to the server: a few are
 * encoded, and ids, times and users are written into copies.
 */
export class Batches {
  readonly #clock: Clock;
  readonly #templates: readonly Template[];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#templates = Array.from({ length: variants }, (_, variant) => template(variant));
  }

  /** @returns an ExportTraceServiceRequest; traces `index * 100` onwards have their first half in it */
  batch(index: number): Buffer {
    const { bytes, places } = this.#templates[index % variants] as Template;
    const copy = Buffer.from(bytes);
    for (const { trace, at, offsetNs, durationNs } of places) {
      const number = index * tracesPerBatch + trace;
      // Before the first batch there is nothing: those halves belong to traces that have no other.
      writeTraceId(copy, at.traceId, number);
      const start = this.startOf(number) + offsetNs;
      copy.writeBigUInt64LE(start, at.start);
      copy.writeBigUInt64LE(start + durationNs, at.end);
      copy.write(userOf(number).slice(-userDigits), at.user, 'latin1');
    }
    return copy;
  }

  startOf(trace: number): bigint {
    return this.#clock.firstStart + BigInt(trace) * this.#clock.step;
  }
}

export function traceIdOf(trace: number): Buffer {
  const id = Buffer.alloc(16);
  writeTraceId(id, 0, trace);
  return id;
}

/** The value of `user.id` in all spans of a trace; each is that of 1 trace in 100,000. */
export function userOf(trace: number): string {
  return `user-${String((((trace * 7919) % 100_000) + 100_000) % 100_000).padStart(userDigits, '0')}`;
}

/** Random-looking, as ids are: an index of them gets no help from their order. */
function writeTraceId(target: Buffer, at: number, trace: number): void {
  for (let word = 0; word < 4; word++) {
    let x = Math.imul(trace ^ (word * 0x9e3779b9), 0x85ebca6b) ^ (word + 1);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    target.writeUInt32BE((x ^ (x >>> 16)) >>> 0, at + word * 4);
  }
}

function template(variant: number): Template {
  const random = lcg(variant + 1);
  const marks: { trace: number; service: number }[] = [];
  const resourceSpans = services.map((service, serviceIndex) => ({
    resource: {
      attributes: [
        text('service.name', service),
        text('service.version', '1.4.2'),
        text('host.name', `host-${serviceIndex % 4}`),
        text('telemetry.sdk.language', 'nodejs'),
      ],
    },
    scopeSpans: [
      {
        scope: { name: 'bench', version: '1' },
        spans: Array.from({ length: tracesPerBatch }, (_, i) => {
          // Services 0 to 4 send at once, 5 to 9 a batch later.
          const trace = serviceIndex < spansPerTrace / 2 ? i : i - tracesPerBatch;
          const key = marks.push({ trace, service: serviceIndex }) - 1;
          return spanOf(key, serviceIndex, random);
        }),
      },
    ],
  })) satisfies Parameters<typeof create<typeof ResourceSpansSchema>>[1][];
  const bytes = Buffer.from(toBinary(TracesDataSchema, create(TracesDataSchema, { resourceSpans })));
  const places = marks.map(({ trace, service }, key): Place => {
    const traceId = bytes.indexOf(markId(key));
    const start = bytes.indexOf(markTime(key), traceId);
    return {
      trace,
      at: { traceId, start, end: start + 9, user: bytes.indexOf(markUser(key), start) + 'user-'.length },
      offsetNs: BigInt(service * 1_000_000),
      durationNs: BigInt((spansPerTrace - service) * 2_000_000 + (random() % 1_000_000)),
    };
  });
  return { bytes, places };
}

function spanOf(key: number, service: number, random: () => number): Span {
  const status = random() % 20 === 0 ? 500 : 200;
  const method = methods[random() % methods.length] as string;
  return create(SpanSchema, {
    traceId: markId(key),
    spanId: spanId(service),
    ...(service === 0 ? {} : { parentSpanId: spanId(service - 1) }),
    name: `${method} /api/resource-${random() % 20}`,
    kind: service === 0 ? Span_SpanKind.SERVER : Span_SpanKind.CLIENT,
    startTimeUnixNano: markTime(key).readBigUInt64LE(),
    endTimeUnixNano: 1n,
    attributes: [
      text('http.request.method', method),
      int('http.response.status_code', status),
      text('url.path', `/api/resource-${random() % 20}/${random() % 1000}`),
      text('user.id', markUser(key).toString('latin1')),
      text('server.address', `10.0.${random() % 4}.${random() % 250}`),
      int('server.port', 8080),
      text('network.protocol.version', '1.1'),
      text('user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64)'),
      text('deployment.environment', 'production'),
      text('feature.flag', `flag-${random() % 50}`),
      int('thread.id', random() % 64),
    ],
    status: status === 500 ? { code: 2, message: 'internal error' } : { code: 0 },
  });
}

function spanId(service: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([1, 2, 3, 4, 5, 6, 7, service + 1]);
}

function text(key: string, value: string) {
  return { key, value: { value: { case: 'stringValue' as const, value } } };
}

function int(key: string, value: number) {
  return { key, value: { value: { case: 'intValue' as const, value: BigInt(value) } } };
}

function markId(key: number): Buffer<ArrayBuffer> {
  const id = Buffer.alloc(16, 0xee);
  id.writeUInt32BE(key, 12);
  return id;
}

function markTime(key: number): Buffer {
  const time = Buffer.alloc(8, 0xdd);
  time.writeUInt32BE(key, 0);
  return time;
}

function markUser(key: number): Buffer {
  return Buffer.from(`user-${String(key).padStart(userDigits, '#')}`, 'latin1');
}

/** The same figures in every run. */
function lcg(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}
