import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import type { SecureSocksProxy } from './options.ts';

export interface SocksConnectors {
  /** To the proxy: with its own TLS, or none. */
  readonly toProxy: buildConnector.connector;
  /** Inside of the tunnel: with the TLS of the datasource. */
  readonly toTarget: buildConnector.connector;
  /** For what is said between the two; 0 for as long as it takes. */
  readonly timeoutMs: number;
}

/** What a proxy answers with, from 1 on. */
const refusals = [
  'GENERAL_FAILURE',
  'NOT_ALLOWED',
  'NETWORK_UNREACHABLE',
  'HOST_UNREACHABLE',
  'CONNECTION_REFUSED',
  'TTL_EXPIRED',
  'COMMAND_NOT_SUPPORTED',
  'ADDRESS_TYPE_NOT_SUPPORTED',
] as const;

/** `code` is for {@link failureOf}. */
class SocksError extends Error {
  override readonly name = 'SocksError';
  readonly code: string;
  constructor(code: string) {
    super(`the SOCKS proxy answered ${code}`);
    this.code = `SOCKS5_${code}`;
  }
}

/**
 * Connects through a SOCKS5 proxy, which looks up the names of hosts.
 *
 * Ours, because undici's sends no user without a password, and Grafana's proxy tells datasources apart by their user.
 * @see https://www.rfc-editor.org/rfc/rfc1928 and rfc1929
 */
export function socksConnector(
  proxy: SecureSocksProxy,
  { toProxy, toTarget, timeoutMs }: SocksConnectors,
): buildConnector.connector {
  const { hostname, port } = new URL(`http://${proxy.address}`);
  const protocol = proxy.allowInsecure ? 'http:' : 'https:';
  const tunnel = async (target: buildConnector.Options): Promise<Socket> => {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const socket = await connected(toProxy, { hostname: host, host, protocol, port: port || '1080' });
    const timer =
      timeoutMs === 0 ? undefined : setTimeout(() => socket.destroy(new SocksError('TIMEOUT')), timeoutMs);
    try {
      await introduce(socket, proxy);
      await ask(socket, target);
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  return (target, callback) => {
    tunnel(target).then(
      (socket) =>
        target.protocol === 'https:'
          ? toTarget({ ...target, httpSocket: socket }, callback)
          : callback(null, socket),
      (error) => callback(error, null),
    );
  };
}

function connected(connect: buildConnector.connector, to: buildConnector.Options): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connect(to, (...[error, socket]) => (error === null ? resolve(socket) : reject(error)));
  });
}

async function introduce(socket: Socket, { user, password }: SecureSocksProxy): Promise<void> {
  socket.write(user === '' ? Buffer.from([5, 1, 0]) : Buffer.from([5, 2, 0, 2]));
  const [version, method] = await read(socket, 2);
  if (version !== 5) throw new SocksError('NO_SOCKS');
  if (method === 0) return;
  if (method !== 2 || user === '') throw new SocksError('AUTHENTICATION_REQUIRED');
  socket.write(Buffer.concat([Buffer.from([1]), counted(user), counted(password)]));
  const [, status] = await read(socket, 2);
  if (status !== 0) throw new SocksError('AUTHENTICATION_FAILED');
}

async function ask(socket: Socket, { hostname, port, protocol }: buildConnector.Options): Promise<void> {
  const number = Buffer.alloc(2);
  number.writeUInt16BE(Number(port) || (protocol === 'https:' ? 443 : 80));
  socket.write(Buffer.concat([Buffer.from([5, 1, 0]), address(hostname), number]));
  const [version, reply = 0, , type] = await read(socket, 4);
  if (version !== 5) throw new SocksError('NO_SOCKS');
  if (reply !== 0) throw new SocksError(refusals[reply - 1] ?? `REPLY_${reply}`);
  // Where it has connected from, which nobody wants to know.
  const length =
    type === 1 ? 4 : type === 4 ? 16 : type === 3 ? ((await read(socket, 1))[0] ?? 0) : undefined;
  if (length === undefined) throw new SocksError('NO_SOCKS');
  await read(socket, length + 2);
}

function address(hostname: string): Buffer {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) === 4) return Buffer.from([1, ...host.split('.').map(Number)]);
  if (isIP(host) === 6) return Buffer.concat([Buffer.from([4]), ipv6(host)]);
  return Buffer.concat([Buffer.from([3]), counted(host)]);
}

/** As URLs have it: in hexadecimal, with at most one `::`. */
function ipv6(host: string): Buffer {
  const [head = '', tail] = host.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const groups =
    tail === undefined ? head : [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail];
  return Buffer.from([...groups].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 255) throw new SocksError('NAME_TOO_LONG');
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

/** Leaves in the socket what comes after. */
async function read(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes: Buffer | null = socket.read(length);
    if (bytes?.length === length) return bytes;
    if (bytes !== null || socket.readableEnded || socket.destroyed)
      throw socket.errored ?? new SocksError('CLOSED');
    const over = new AbortController();
    const { signal } = over;
    try {
      await Promise.race([once(socket, 'readable', { signal }), once(socket, 'close', { signal })]);
    } finally {
      over.abort();
    }
  }
}
