import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A server on a free port of this machine, and what it was asked. */
export interface Loopback {
  readonly url: string;
  readonly port: number;
  readonly asked: {
    readonly line: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: string;
  }[];
  readonly server: Server;
  close(): void;
}

export type Answer = (...args: Parameters<RequestListener>) => void;

export async function serve(
  answer: Answer = (_request, response) => response.end('ok'),
  tls?: ServerOptions,
) {
  const asked: Loopback['asked'] = [];
  const listener: RequestListener = async (request, response) => {
    let body = '';
    try {
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
    } catch {
      return; // whoever asked is gone
    }
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    answer(request, response);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const loopback: Loopback = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    asked,
    server,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return loopback;
}
