import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import {
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { TraceStoreError, type TraceStoreErrorCode } from '../errors.ts';
import {
  FindTraceIDsResponseSchema,
  FindTracesRequestSchema,
  GetServicesRequestSchema,
  GetServicesResponseSchema,
  GetTracesRequestSchema,
  type TraceQueryParameters,
  TraceQueryParametersSchema,
} from '../proto/trace_storage_pb.ts';
import { boundOf, timestampOf } from '../server/query.ts';
import { readSpans } from '../spans/read-spans.ts';
import type { TracePart, TraceQuery, TraceStore } from '../trace-store.ts';

/** What a remote store is asked. Filters are for those who ask without this client. */
export interface RemoteTraces
  extends Pick<TraceStore, 'traces' | 'findTraces' | 'findTraceIds' | 'services' | 'close'> {}

export interface RemoteTracesOptions {
  /** `host:port` of a server that speaks jaeger.storage.v2. */
  readonly address: string;
  /** Absent: no TLS. Default for `ca`: those that Node knows. All in PEM. */
  readonly tls?: { readonly ca?: string; readonly key?: string; readonly cert?: string } | undefined;
  /** In which the tenant of the request's context goes, if it is not ''. Default: `x-tenant` */
  readonly tenantHeader?: string;
}

/** Of one message: traces are as large as they are. */
const mostBytes = 64 * 1024 * 1024;
/** An answer that takes longer will not come. */
const patienceMs = 60_000;

/** A store that another process has, read by gRPC. It connects when it is first asked. */
export function remoteTraces({ address, tls, tenantHeader = 'x-tenant' }: RemoteTracesOptions): RemoteTraces {
  const host = /^\[?(.*?)\]?:\d+$/.exec(address)?.[1] ?? '';
  const client = new Client(address, tls === undefined ? credentials.createInsecure() : secure(tls, host), {
    'grpc.max_receive_message_length': mostBytes,
    'grpc.enable_http_proxy': 0,
    // Node takes no address for a name to ask a server by, and grpc-js gives it one.
    ...(isIP(host) !== 0 && { 'grpc.ssl_target_name_override': 'localhost' }),
  });
  const settings = ({ tenant, bearerToken }: { tenant: string; bearerToken?: string | undefined }) => {
    const metadata = new Metadata();
    if (tenant !== '') metadata.set(tenantHeader, tenant);
    if (bearerToken !== undefined) metadata.set('bearer.token', bearerToken);
    return [metadata, { deadline: Date.now() + patienceMs }] as const;
  };
  const asked = <In extends DescMessage, Out extends DescMessage>(
    method: string,
    [input, output]: readonly [In, Out],
    request: MessageShape<In>,
    context: Parameters<typeof settings>[0] & { readonly signal: AbortSignal },
  ): Promise<MessageShape<Out>> =>
    new Promise((resolve, reject) => {
      const call = client.makeUnaryRequest(
        pathOf(method),
        (message: MessageShape<In>) => Buffer.from(toBinary(input, message)),
        (bytes) => fromBinary(output, bytes),
        request,
        ...settings(context),
        (error, answer) => {
          context.signal.removeEventListener('abort', cancel);
          if (error === null && answer !== undefined) resolve(answer);
          else reject(error === null ? new Error('no answer') : failure(error, address));
        },
      );
      const cancel = () => call.cancel();
      context.signal.addEventListener('abort', cancel, { once: true });
    });
  async function* streamed<In extends DescMessage>(
    method: string,
    input: In,
    request: MessageShape<In>,
    context: Parameters<typeof settings>[0] & { readonly signal: AbortSignal },
  ): AsyncGenerator<TracePart> {
    const call: ClientReadableStream<Buffer> = client.makeServerStreamRequest(
      pathOf(method),
      (message: MessageShape<In>) => Buffer.from(toBinary(input, message)),
      (bytes) => bytes,
      request,
      ...settings(context),
    );
    const cancel = () => call.cancel();
    context.signal.addEventListener('abort', cancel, { once: true });
    try {
      for await (const bytes of call.iterator({ destroyOnReturn: false })) yield* partOf(bytes);
    } catch (error) {
      throw isServiceError(error) ? failure(error, address) : error;
    } finally {
      context.signal.removeEventListener('abort', cancel);
      // Left early, it ends with an error that nobody waits for.
      call.on('error', () => {});
      call.cancel();
    }
  }
  return {
    traces(wanted, context) {
      const query = wanted.map(({ traceId, startMin, startMax }) => ({
        traceId,
        ...timesOf({ startTime: startMin, endTime: startMax }),
      }));
      return streamed(
        'GetTraces',
        GetTracesRequestSchema,
        create(GetTracesRequestSchema, { query }),
        context,
      );
    },
    findTraces(query, context) {
      const request = create(FindTracesRequestSchema, { query: parametersOf(query) });
      return streamed('FindTraces', FindTracesRequestSchema, request, context);
    },
    async findTraceIds(query, context) {
      const request = create(FindTracesRequestSchema, { query: parametersOf(query) });
      const schemas = [FindTracesRequestSchema, FindTraceIDsResponseSchema] as const;
      const { traceIds } = await asked('FindTraceIDs', schemas, request, context);
      return traceIds.map(({ traceId, start, end }) => ({
        traceId,
        start: boundOf(start),
        end: boundOf(end),
      }));
    },
    async services(context) {
      const schemas = [GetServicesRequestSchema, GetServicesResponseSchema] as const;
      return (await asked('GetServices', schemas, create(GetServicesRequestSchema), context)).services;
    },
    async close() {
      client.close();
    },
  };
}

function secure({ ca, key, cert }: NonNullable<RemoteTracesOptions['tls']>, host: string) {
  const bytes = (pem: string | undefined) => (pem === undefined ? null : Buffer.from(pem));
  return credentials.createSsl(bytes(ca), bytes(key), bytes(cert), {
    // Of whom the certificate has to be: whatever name the server was asked by.
    checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
  });
}

const pathOf = (method: string) => `/jaeger.storage.v2.TraceReader/${method}`;

function parametersOf(query: TraceQuery): TraceQueryParameters {
  if (query.filter !== undefined) throw new TraceStoreError('UNSUPPORTED', 'this client sends no filters');
  const { service = '', operation = '', attributes = [], limit } = query;
  return create(TraceQueryParametersSchema, {
    serviceName: service,
    operationName: operation,
    attributes: attributes.map(({ key, value }) => ({
      key,
      value: { value: { case: 'stringValue' as const, value } },
    })),
    ...timesOf({ startTimeMin: query.startMin, startTimeMax: query.startMax }),
    ...timesOf({ durationMin: query.durationMin, durationMax: query.durationMax }),
    searchDepth: limit,
  });
}

/** Those that there are, as seconds and nanoseconds. */
function timesOf<K extends string>(times: Readonly<Record<K, bigint | undefined>>) {
  const entries = Object.entries<bigint | undefined>(times).flatMap(([key, ns]) => {
    const time = timestampOf(ns);
    return time === undefined ? [] : [[key, time] as const];
  });
  return Object.fromEntries(entries) as { [key in K]?: { seconds: bigint; nanos: number } };
}

/** All spans of one message are of one trace. */
function* partOf(message: Buffer): Iterable<TracePart> {
  const spans = { format: 'otlp' as const, bytes: new Uint8Array(message) };
  const [first] = readSpans(spans);
  if (first !== undefined) yield { traceId: first.traceId, spans: [spans] };
}

const codes: Partial<Record<status, TraceStoreErrorCode>> = {
  [status.INVALID_ARGUMENT]: 'INVALID',
  [status.UNIMPLEMENTED]: 'UNSUPPORTED',
  [status.UNAVAILABLE]: 'BUSY',
  [status.RESOURCE_EXHAUSTED]: 'FULL',
};

function failure(error: ServiceError, address: string): TraceStoreError {
  const name = status[error.code] ?? 'UNKNOWN';
  // Of what OpenSSL says, grpc-js adds where else to look.
  const details = error.details.split(/\s*(?:\n|Resolution note:)/)[0] ?? '';
  const message = `the trace server at ${address} answers ${name}: ${details}${adviceOn(details)}`;
  return new TraceStoreError(codes[error.code] ?? 'FAILED', message, { cause: error });
}

/** Of a handshake both sides say what they miss, and neither how it is given. */
function adviceOn(details: string): string {
  if (/certificate.required|handshake.failure/i.test(details)) return '; it wants a certificate of who asks';
  if (/self.signed|unable to (?:get|verify)|issuer/i.test(details)) {
    return '; give the certificate of the authority that signed its own';
  }
  return '';
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}
