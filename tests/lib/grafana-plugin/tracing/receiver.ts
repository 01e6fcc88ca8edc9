import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { decodeTraces, type OtlpSpan } from '../../../src/tracing/otlp.ts';

/** An OTLP receiver on a free port of this machine. */
export interface Receiver {
  readonly address: string;
  readonly spans: readonly OtlpSpan[];
  /** One number per request: how many spans came with it. */
  readonly batches: readonly number[];
  span(name: string): OtlpSpan;
  /** What it answers from now on: bytes, an error, or nothing ever. */
  answer: Uint8Array | 'unavailable' | 'silence';
  close(): void;
}

const identity = (bytes: Buffer) => bytes;

export async function startReceiver(): Promise<Receiver> {
  const spans: OtlpSpan[] = [];
  const batches: number[] = [];
  const server = new Server();
  server.addService(
    {
      export: {
        path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        requestStream: false,
        responseStream: false,
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      },
    },
    {
      export: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
        const found = decodeTraces(call.request);
        batches.push(found.length);
        if (receiver.answer === 'silence') return;
        if (receiver.answer === 'unavailable') {
          done({ code: status.UNAVAILABLE, details: 'the receiver is full' });
          return;
        }
        spans.push(...found);
        done(null, Buffer.from(receiver.answer));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const receiver: Receiver = {
    address: `127.0.0.1:${port}`,
    spans,
    batches,
    span(name) {
      const found = spans.filter((span) => span.name === name);
      if (found.length === 1 && found[0] !== undefined) return found[0];
      throw new Error(`${found.length} spans ${name} among ${spans.map((span) => span.name).join(', ')}`);
    },
    answer: new Uint8Array(),
    close: () => server.forceShutdown(),
  };
  return receiver;
}
