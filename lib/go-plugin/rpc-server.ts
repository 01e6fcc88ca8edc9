import { setTimeout } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';
import { splitAddress } from './address.ts';
import { messageOf } from './errors.ts';
import { bind } from './grpc-server.ts';
import { healthService } from './health.ts';
import type { Interceptor } from './interceptor.ts';
import type { Logger } from './log.ts';
import { RunningCalls } from './running-calls.ts';
import { serverOf } from './server-of.ts';
import type { Service } from './service.ts';

/** All in PEM. */
export interface RpcServerTls {
  /** Of this server, with those between it and its root after it. */
  readonly certificate: Uint8Array;
  readonly privateKey: Uint8Array;
  /** Only clients are let in that show a certificate which one of these has signed. Absent: any client. */
  readonly clientAuthorities?: Uint8Array | undefined;
}

export interface RpcServerOptions {
  readonly services: readonly Service[];
  readonly log: Logger;
  /** Around each call of `services`, the first outermost. */
  readonly interceptors?: readonly Interceptor[];
  /** Absent: nothing is encrypted. */
  readonly tls?: RpcServerTls | undefined;
  /**
   * Names to which gRPC's health check answers that they are served, besides '', the server as a whole. Those of
   * `services` where unsaid.
   */
  readonly health?: readonly string[];
  /** Whether tools such as grpcurl are told what is served; they are where unsaid. */
  readonly reflection?: boolean;
  /** Longest request, in bytes; 16 MiB where unsaid. Answers have no limit. */
  readonly maxReceiveMessageBytes?: number;
}

/** A server that cannot be started as it was asked to. The message says what to change. */
export class RpcServerError extends Error {
  override readonly name = 'RpcServerError';
}

/** A gRPC server of its own, which no host of go-plugin has started. */
export interface RpcServer {
  /**
   * Takes calls there as well. May be called several times.
   * @param address - 'host:port', ':port' for all addresses of the machine, 'unix:/path'. Port 0 is any that is free.
   * @returns the address, with the port that it is
   * @throws {RpcServerError}
   */
  listen(address: string): Promise<string>;
  /**
   * Ends it in peace: no new call is taken, health says so, streams of clients end and are answered, and what is being
   * answered goes on. After `timeoutMs` what is left is cut off. Resolves when all connections are closed.
   */
  drain(timeoutMs: number): Promise<void>;
  /** Ends it at once: whoever waits for an answer gets an error, and the signals of its calls are aborted. */
  close(): void;
}

/**
 * Makes a server, which takes calls when it listens.
 * @throws {RpcServerError} TLS was asked for with what is no certificate or no key
 * @throws {TypeError} two services have the same method
 */
export function createRpcServer(options: RpcServerOptions): RpcServer {
  const { services, tls, interceptors = [] } = options;
  const { health = services.map(({ descriptor }) => descriptor.typeName) } = options;
  const draining = new AbortController();
  const running = new RunningCalls();
  const credentials = credentialsOf(tls);
  const server = serverOf({
    ...options,
    interceptors: [counting(running), ...interceptors],
    added: [healthService(new Set(['', ...health]), draining.signal)],
    peer: 'anyone',
    draining: draining.signal,
  });
  return {
    async listen(address) {
      const [target, named] = targetOf(address);
      try {
        const port = await bind(server, target, credentials);
        return named(port);
      } catch (cause) {
        const message = messageOf(cause);
        const why = message.includes('EADDRINUSE') ? 'something else listens there' : message;
        throw new RpcServerError(`cannot listen on ${address}: ${why}; choose another address`, { cause });
      }
    },
    async drain(timeoutMs) {
      draining.abort();
      const ended = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      const timer = new AbortController();
      const { signal } = timer;
      const late = setTimeout(timeoutMs, undefined, { signal }).catch(() => {});
      const idle = running.idle(timeoutMs).then(() => setTimeout(lastBytesMs, undefined, { signal }));
      await Promise.race([ended, late, idle.catch(() => {})]);
      timer.abort();
      server.forceShutdown();
    },
    close() {
      draining.abort();
      server.forceShutdown();
    },
  };
}

/**
 * grpc-js waits for the end of connections, and for ever (1.14) where a client has just begun to end one. When no call is
 * left, what clients have not read yet gets so long.
 */
const lastBytesMs = 1000;

function counting(running: RunningCalls): Interceptor {
  return async (_call, run) => {
    running.began();
    try {
      await run();
    } finally {
      running.ended();
    }
  };
}

/** Where to bind, in grpc-js's words, and the address's name when its port is known. */
function targetOf(address: string): readonly [target: string, named: (port: number) => string] {
  if (address.startsWith('unix:')) return [address, () => address];
  const split = splitAddress(address);
  if (split === undefined) {
    throw new RpcServerError(
      `'${address}' is no address to listen on; write host:port, for example 127.0.0.1:5000, or unix:/path`,
    );
  }
  const [host, port] = split;
  // Also takes IPv4, where the system has not been told otherwise.
  return [`${host === '' ? '[::]' : host}:${port}`, (bound) => `${host}:${bound}`];
}

function credentialsOf(tls: RpcServerTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { certificate, privateKey, clientAuthorities } = tls;
  const buffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    createSecureContext({
      cert: buffer(certificate),
      key: buffer(privateKey),
      ca: clientAuthorities && buffer(clientAuthorities),
    });
  } catch (cause) {
    throw new RpcServerError(
      `TLS cannot be served with these: ${messageOf(cause)}; give certificate and private key that belong together, in PEM`,
      { cause },
    );
  }
  return ServerCredentials.createSsl(
    clientAuthorities === undefined ? null : buffer(clientAuthorities),
    [{ cert_chain: buffer(certificate), private_key: buffer(privateKey) }],
    clientAuthorities !== undefined,
  );
}
