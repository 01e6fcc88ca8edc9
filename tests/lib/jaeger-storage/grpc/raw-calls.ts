import { type Client as GrpcClient, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type RpcCode, RpcError } from '#lib/go-plugin';

type Bytes = Uint8Array<ArrayBuffer>;

const asIs = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const plain = (bytes: Buffer): Bytes => new Uint8Array(bytes);

export interface RawOptions {
  readonly metadata?: Readonly<Record<string, string | readonly string[]>>;
  readonly signal?: AbortSignal;
}

/** Calls with messages as bytes, so that what no generated code knows of them is sent, and seen, as well. */
export function unary(
  connection: GrpcClient,
  path: string,
  request: Uint8Array,
  options: RawOptions = {},
): Promise<Bytes> {
  return new Promise((resolve, reject) => {
    const call = connection.makeUnaryRequest(
      ...([path, asIs, plain, request, metadataOf(options)] as const),
      (error, answer) => {
        if (error !== null) reject(rpcError(error));
        else resolve(answer ?? new Uint8Array());
      },
    );
    options.signal?.addEventListener('abort', () => call.cancel(), { once: true });
  });
}

export async function* serverStream(
  connection: GrpcClient,
  path: string,
  request: Uint8Array,
  options: RawOptions = {},
): AsyncGenerator<Bytes> {
  const call = connection.makeServerStreamRequest(path, asIs, plain, request, metadataOf(options));
  options.signal?.addEventListener('abort', () => call.cancel(), { once: true });
  try {
    for await (const bytes of call) yield bytes as Bytes;
  } catch (error) {
    throw rpcError(error as ServiceError);
  } finally {
    call.on('error', () => {});
    call.cancel();
  }
}

export interface ClientStream {
  /** Resolves when the message is handed over. */
  write(message: Uint8Array): Promise<void>;
  /** Resolves with the answer. */
  end(): Promise<Bytes>;
  readonly answer: Promise<Bytes>;
  cancel(): void;
}

export function clientStream(connection: GrpcClient, path: string, options: RawOptions = {}): ClientStream {
  const { promise: answer, resolve, reject } = Promise.withResolvers<Bytes>();
  // Whoever wants to know of it awaits it; others are not to be ended by it.
  answer.catch(() => {});
  const call = connection.makeClientStreamRequest(
    ...([path, asIs, plain, metadataOf(options)] as const),
    (error, bytes) => {
      if (error !== null) reject(rpcError(error));
      else resolve(bytes ?? new Uint8Array());
    },
  );
  return {
    answer,
    write: (message) => new Promise((written) => call.write(message, () => written())),
    end() {
      call.end();
      return answer;
    },
    cancel: () => call.cancel(),
  };
}

function metadataOf({ metadata = {} }: RawOptions): Metadata {
  const sent = new Metadata();
  for (const [name, values] of Object.entries(metadata)) {
    for (const value of typeof values === 'string' ? [values] : values) sent.add(name, value);
  }
  return sent;
}

function rpcError(error: ServiceError): RpcError {
  return new RpcError((status[error.code] ?? 'UNKNOWN') as RpcCode, error.details, { cause: error });
}
