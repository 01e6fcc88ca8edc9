import { Client, type ClientUnaryCall, credentials, Metadata } from '@grpc/grpc-js';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { messageOf } from '../errors.ts';

const exportMethod = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
/** A receiver stands beside Grafana; one that takes longer is down, and what comes next needs the memory. */
const timeoutMs = 5_000;
const longestBackoffMs = 15_000;

export interface OtlpExporterOptions {
  /** `host:port` */
  readonly address: string;
  readonly warn: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/**
 * Sends spans by OTLP over gRPC, without TLS, each batch once: spans are not worth a storm of retries against a
 * receiver that is in trouble. What is lost is counted and told, once when it begins and once when it is over.
 *
 * Ours, because the official exporter brings a second copy of the SDK at another version, whose spans are not those of
 * the one in use. The body is the official serializer's.
 */
export class OtlpExporter implements SpanExporter {
  readonly #client: Client;
  readonly #warn: OtlpExporterOptions['warn'];
  readonly #calls = new Set<ClientUnaryCall>();
  #idle = Promise.withResolvers<void>();
  #lost = 0;
  #troubled = false;

  constructor({ address, warn }: OtlpExporterOptions) {
    this.#warn = warn;
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.max_reconnect_backoff_ms': longestBackoffMs,
      // As Go's SDK: proxies are for what is elsewhere.
      ...(isLoopback(address) && { 'grpc.enable_http_proxy': 0 }),
    });
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    const body = ProtobufTraceSerializer.serializeRequest(spans);
    if (body === undefined) {
      done({ code: ExportResultCode.SUCCESS });
      return;
    }
    if (this.#calls.size === 0) this.#idle = Promise.withResolvers();
    const call = this.#client.makeUnaryRequest<Uint8Array, Uint8Array>(
      exportMethod,
      (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      (bytes) => bytes,
      body,
      new Metadata(),
      { deadline: Date.now() + timeoutMs },
      (error, response) => {
        this.#calls.delete(call);
        if (error === null) this.#accepted(spans.length, response);
        else this.#trouble(spans.length, error.details || error.message);
        if (this.#calls.size === 0) this.#idle.resolve();
        // A failure told further would be told twice.
        done({ code: ExportResultCode.SUCCESS });
      },
    );
    this.#calls.add(call);
  }

  #accepted(count: number, response: Uint8Array | undefined): void {
    const { rejected, reason } = rejectionIn(response);
    if (rejected > 0) {
      this.#trouble(rejected, reason || 'it gave no reason');
      return;
    }
    if (reason !== '') this.#warn('the trace receiver took the spans with a warning', { warning: reason });
    if (!this.#troubled) return;
    this.#warn('the trace receiver takes spans again', { lost: this.#lost, taken: count });
    this.#troubled = false;
    this.#lost = 0;
  }

  #trouble(lost: number, error: string): void {
    this.#lost += lost;
    if (this.#troubled) return;
    this.#troubled = true;
    this.#warn('the trace receiver does not take spans: they are lost until it does', { error, spans: lost });
  }

  /** Waits for what is on its way. */
  async forceFlush(): Promise<void> {
    if (this.#calls.size > 0) await this.#idle.promise;
  }

  shutdown(): Promise<void> {
    return this.forceFlush();
  }

  /** At once: what is on its way is lost. */
  close(): void {
    for (const call of this.#calls) call.cancel();
    this.#client.close();
  }
}

function isLoopback(address: string): boolean {
  return /^(localhost|127\.[\d.]+|\[::1\])(:|$)/.test(address);
}

function rejectionIn(response: Uint8Array | undefined): { rejected: number; reason: string } {
  if (response === undefined || response.length === 0) return { rejected: 0, reason: '' };
  try {
    const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(response);
    return {
      rejected: Number(partialSuccess?.rejectedSpans ?? 0),
      reason: partialSuccess?.errorMessage ?? '',
    };
  } catch (error) {
    // It took them, whatever it says.
    return { rejected: 0, reason: `its answer cannot be read: ${messageOf(error)}` };
  }
}
