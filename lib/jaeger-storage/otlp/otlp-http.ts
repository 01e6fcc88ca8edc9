import { once } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type ServerOptions as TlsServerOptions } from 'node:https';
import { isIPv6 } from 'node:net';
import { type OtlpListenerOptions, otlpListener } from './listener.ts';

export interface OtlpHttpOptions extends OtlpListenerOptions {
  /** Default: `127.0.0.1`, this machine alone. */
  readonly host?: string;
  /** 0: any that is free. Default: 4318. */
  readonly port?: number;
  /** Absent: plain HTTP. All in PEM. */
  readonly tls?: OtlpTls | undefined;
}

export interface OtlpTls {
  readonly key: string;
  readonly cert: string;
  /** Who asks has to show a certificate that one of these has signed. Default: none is asked for. */
  readonly clientCa?: string | undefined;
}

/** A server that takes traces. */
export interface OtlpHttpServer {
  readonly host: string;
  readonly port: number;
  /** Without a slash at its end; traces go to `/v1/traces` below it. */
  readonly url: string;
  /**
   * Takes nothing new, ends what it has begun, and closes.
   * @param options.graceMs - how long that may take; what is not done by then is cut off. Default: 10 s
   */
  close(options?: { graceMs?: number }): Promise<void>;
}

/** A head or a body that comes in drops is somebody's way of holding what others need. */
const limits: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
};

/**
 * Serves OTLP over HTTP: spans by `POST /v1/traces`, in protobuf or JSON, compressed or not; `GET /` and `GET /healthz`
 * say that it lives. What it answers is stored as safely as the store makes it.
 * @throws Node's error where it can't listen: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`
 * @see open-telemetry/opentelemetry-proto: docs/specification.md, OTLP/HTTP
 */
export async function otlpHttp(options: OtlpHttpOptions): Promise<OtlpHttpServer> {
  const { host = '127.0.0.1', port = 4318, tls } = options;
  let draining = false;
  let closed: Promise<void> | undefined;
  const listener = otlpListener(options, () => draining);
  const server = tls === undefined ? createServer(limits, listener) : secure(tls, listener);
  server.listen({ host, port });
  await once(server, 'listening');
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  return {
    host,
    port: taken,
    url: `${tls === undefined ? 'http' : 'https'}://${isIPv6(host) ? `[${host}]` : host}:${taken}`,
    close({ graceMs = 10_000 } = {}) {
      draining = true;
      closed ??= drained(server, graceMs);
      return closed;
    },
  };
}

async function drained(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  // Connections at rest are closed by this; the others when they have had their answer.
  server.close();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

function secure({ key, cert, clientCa }: OtlpTls, listener: Parameters<typeof createTlsServer>[1]): Server {
  const options: TlsServerOptions = {
    ...limits,
    key,
    cert,
    minVersion: 'TLSv1.2',
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  };
  return createTlsServer(options, listener);
}
