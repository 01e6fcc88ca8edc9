import { randomBytes } from 'node:crypto';
import { chmod, chown, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Server, ServerCredentials } from '@grpc/grpc-js';
import { bind } from './grpc-server.ts';

/** How this plugin makes sockets, brokered ones included. */
export interface SocketRules {
  readonly network: 'unix' | 'tcp';
  readonly directory: string;
  /** Name or number of a group that may connect, too. */
  readonly group: string | undefined;
  readonly minPort: number;
  readonly maxPort: number;
  readonly platform: NodeJS.Platform;
}

export interface Listening {
  readonly network: 'unix' | 'tcp';
  /** Absolute path of a socket, or host:port */
  readonly address: string;
}

/** A plugin that cannot be started as it was asked to. The message says what to change. */
export class PluginStartError extends Error {
  override readonly name = 'PluginStartError';
}

/** Binds a server to a socket of its own. */
export function listen(
  server: Server,
  credentials: ServerCredentials,
  rules: SocketRules,
): Promise<Listening> {
  return rules.network === 'unix'
    ? listenUnix(server, credentials, rules)
    : listenTcp(server, credentials, rules);
}

async function listenUnix(
  server: Server,
  credentials: ServerCredentials,
  { directory, group, platform }: SocketRules,
): Promise<Listening> {
  const address = resolve(join(directory, `plugin${randomBytes(6).toString('hex')}`));
  // Longer ones are cut by the operating system, without a word: the host would look for a file that is not there.
  const limitBytes = platform === 'darwin' ? 103 : 107;
  const length = Buffer.byteLength(address);
  if (length > limitBytes) {
    throw new PluginStartError(
      `the socket's path would be ${length} bytes long and sockets allow ${limitBytes}: ${address}; ` +
        'set PLUGIN_UNIX_SOCKET_DIR (or TMPDIR) to a shorter directory',
    );
  }
  try {
    await bind(server, `unix:${address}`, credentials);
  } catch (cause) {
    throw new PluginStartError(
      `cannot make a socket in ${directory}; check that it exists and may be written to, or set PLUGIN_UNIX_SOCKET_DIR`,
      { cause },
    );
  }
  if (group !== undefined) {
    try {
      await chown(address, process.getuid?.() ?? 0, await groupId(group));
      await chmod(address, 0o660);
    } catch (cause) {
      await rm(address, { force: true });
      throw new PluginStartError(
        `cannot give the socket to group '${group}' of PLUGIN_UNIX_SOCKET_GROUP; it has to be a group of this user`,
        { cause },
      );
    }
  }
  return { network: 'unix', address };
}

/** Node knows no group names, so that they are read where the system keeps them. */
async function groupId(group: string): Promise<number> {
  if (/^\d+$/.test(group)) return Number(group);
  for (const line of (await readFile('/etc/group', 'utf8')).split('\n')) {
    const [name, , id] = line.split(':');
    if (name === group && id !== undefined) return Number(id);
  }
  throw new Error(`no group '${group}' in /etc/group; give its number`);
}

async function listenTcp(
  server: Server,
  credentials: ServerCredentials,
  { minPort, maxPort }: SocketRules,
): Promise<Listening> {
  if (minPort > maxPort) {
    throw new PluginStartError(`PLUGIN_MIN_PORT ${minPort} is above PLUGIN_MAX_PORT ${maxPort}`);
  }
  let cause: unknown;
  for (let port = minPort; port <= maxPort; port++) {
    try {
      return { network: 'tcp', address: `127.0.0.1:${await bind(server, `127.0.0.1:${port}`, credentials)}` };
    } catch (error) {
      cause = error;
    }
  }
  throw new PluginStartError(`no free port on 127.0.0.1 from ${minPort} to ${maxPort}`, { cause });
}
