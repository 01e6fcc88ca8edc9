import { fromBinary } from '@bufbuild/protobuf';
import { type OtlpHttpOptions, otlpHttp } from '../../../../lib/jaeger-storage/otlp/otlp-http.ts';
import type { ResourceSpans } from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import { ExportTraceServiceRequestSchema } from '../../../../lib/jaeger-storage/proto/otlp_trace_service_pb.ts';
import type {
  EncodedSpans,
  RequestContext,
  WriteResult,
} from '../../../../lib/jaeger-storage/trace-store.ts';

interface Written {
  readonly spans: EncodedSpans;
  readonly context: RequestContext;
}

/** A receiver on a free port, and what it hands on. */
export class TestReceiver implements AsyncDisposable {
  readonly written: Written[] = [];
  readonly warnings: string[] = [];
  readonly url: string;
  readonly close: (options?: { graceMs?: number }) => Promise<void>;

  /** @param write - what the store does; takes everything when left out */
  static async start({
    write = async () => ({ accepted: 1, rejected: 0 }),
    ...options
  }: Omit<OtlpHttpOptions, 'traces' | 'port'> & {
    write?: (written: Written) => Promise<WriteResult>;
  } = {}): Promise<TestReceiver> {
    let receiver: TestReceiver | undefined;
    const server = await otlpHttp({
      ...options,
      port: 0,
      warn: (message, fields) => receiver?.warnings.push(`${message} ${JSON.stringify(fields)}`),
      traces: {
        write(spans, context) {
          const written = { spans, context };
          receiver?.written.push(written);
          return write(written);
        },
      },
    });
    receiver = new TestReceiver(server.url, (options) => server.close(options));
    return receiver;
  }

  private constructor(url: string, close: TestReceiver['close']) {
    this.url = url;
    this.close = close;
  }

  /** All that was written, decoded. */
  get resourceSpans(): ResourceSpans[] {
    return this.written.flatMap(
      ({ spans }) => fromBinary(ExportTraceServiceRequestSchema, spans.bytes).resourceSpans,
    );
  }

  post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> {
    const contentType = typeof body === 'string' ? 'application/json' : 'application/x-protobuf';
    return fetch(`${this.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': contentType, ...headers },
      body,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close({ graceMs: 0 });
  }
}
