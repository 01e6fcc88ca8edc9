import type {
  DescMessage,
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import {
  type CallOptions,
  type ClientReadableStream,
  type Client as GrpcClient,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { decoderOf } from './decode.ts';
import { encoderOf, toBuffer } from './encode.ts';
import { type RpcCode, RpcError } from './errors.ts';

export interface ClientCallOptions {
  /** Cancels the call. */
  readonly signal?: AbortSignal;
  readonly deadline?: Date;
  readonly metadata?: Readonly<Record<string, string | Uint8Array>>;
}

type ClientMethod<M> =
  M extends DescMethodUnary<infer In, infer Out>
    ? (request: MessageInitShape<In>, options?: ClientCallOptions) => Promise<MessageShape<Out>>
    : M extends DescMethodServerStreaming<infer In, infer Out>
      ? (request: MessageInitShape<In>, options?: ClientCallOptions) => AsyncIterable<MessageShape<Out>>
      : M extends DescMethodClientStreaming<infer In, infer Out>
        ? (requests: Source<In>, options?: ClientCallOptions) => Promise<MessageShape<Out>>
        : M extends DescMethodBiDiStreaming<infer In, infer Out>
          ? (requests: Source<In>, options?: ClientCallOptions) => AsyncIterable<MessageShape<Out>>
          : never;

type Source<In extends DescMessage> = AsyncIterable<MessageInitShape<In>> | Iterable<MessageInitShape<In>>;

/** The methods of a service as functions. They reject with, or their iterables throw, `RpcError`. */
export type Client<S extends DescService> = {
  readonly [K in keyof S['method']]: ClientMethod<S['method'][K]>;
};

/** Functions that call a service over a connection of grpc-js. */
export function clientOf<S extends DescService>(service: S, connection: GrpcClient): Client<S> {
  return Object.fromEntries(
    service.methods.map((method) => [method.localName, functionOf(method, connection)]),
  ) as Client<S>;
}

function functionOf(method: DescMethod, connection: GrpcClient): unknown {
  const path = `/${method.parent.typeName}/${method.name}`;
  const measure = encoderOf(method.input);
  const encode = (message: unknown) => toBuffer(measure(message));
  const decode = decoderOf(method.output);
  const settings = (options: ClientCallOptions) => [metadataOf(options), callOptions(options)] as const;
  switch (method.methodKind) {
    case 'unary':
      return (request: unknown, options: ClientCallOptions = {}) =>
        answerOf(options, (callback) =>
          connection.makeUnaryRequest(path, encode, decode, request, ...settings(options), callback),
        );
    case 'client_streaming':
      return (requests: Source<DescMessage>, options: ClientCallOptions = {}) =>
        answerOf(options, (callback) => {
          const call = connection.makeClientStreamRequest(
            path,
            encode,
            decode,
            ...settings(options),
            callback,
          );
          void sendRequests(requests, call);
          return call;
        });
    case 'server_streaming':
      return (request: unknown, options: ClientCallOptions = {}) =>
        answersOf(options, () =>
          connection.makeServerStreamRequest(path, encode, decode, request, ...settings(options)),
        );
    case 'bidi_streaming':
      return (requests: Source<DescMessage>, options: ClientCallOptions = {}) =>
        answersOf(options, () => {
          const call = connection.makeBidiStreamRequest(path, encode, decode, ...settings(options));
          void sendRequests(requests, call);
          return call;
        });
  }
}

function answerOf(
  { signal }: ClientCallOptions,
  start: (callback: (error: ServiceError | null, answer?: unknown) => void) => { cancel(): void },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = () => call.cancel();
    const call = start((error, answer) => {
      signal?.removeEventListener('abort', onAbort);
      if (error === null) resolve(answer);
      else reject(rpcError(error));
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

async function* answersOf(
  { signal }: ClientCallOptions,
  start: () => ClientReadableStream<unknown>,
): AsyncGenerator<unknown> {
  signal?.throwIfAborted();
  const call = start();
  const onAbort = () => call.cancel();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    yield* call.iterator({ destroyOnReturn: false });
  } catch (error) {
    throw isServiceError(error) ? rpcError(error) : error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    // Left early: the other side is to stop, and its status is nobody's error.
    call.on('error', () => {});
    call.cancel();
  }
}

async function sendRequests(
  requests: Source<DescMessage>,
  call: { write(message: unknown, written: () => void): boolean; end(): void; cancel(): void },
): Promise<void> {
  try {
    for await (const request of requests) await new Promise<void>((resolve) => call.write(request, resolve));
    call.end();
  } catch {
    // The call ends with CANCELLED, which is what its caller sees.
    call.cancel();
  }
}

function metadataOf({ metadata = {} }: ClientCallOptions): Metadata {
  const sent = new Metadata();
  for (const [name, value] of Object.entries(metadata)) {
    sent.set(name, typeof value === 'string' ? value : Buffer.from(value));
  }
  return sent;
}

function callOptions({ deadline }: ClientCallOptions): CallOptions {
  return deadline === undefined ? {} : { deadline };
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}

function rpcError(error: ServiceError): RpcError {
  const code = (status[error.code] ?? 'UNKNOWN') as RpcCode;
  return new RpcError(code, error.details, { cause: error });
}
