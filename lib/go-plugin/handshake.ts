import * as z from 'zod';

/** The version of the handshake itself, go-plugin's `CoreProtocolVersion`. */
const coreProtocolVersion = 1;

const optionalText = z
  .string()
  .optional()
  .transform((text) => (text === '' ? undefined : text));
const optionalPort = z
  .string()
  .regex(/^\d{0,5}$/, 'is no port number')
  .optional()
  .transform((text) => (text === undefined || text === '' ? undefined : Number(text)))
  .pipe(z.number().max(65535).optional());

/** What a host says in environment variables to the plugin that it starts. */
export const HostEnvironment = z
  .object({
    PLUGIN_PROTOCOL_VERSIONS: optionalText,
    PLUGIN_MIN_PORT: optionalPort,
    PLUGIN_MAX_PORT: optionalPort,
    PLUGIN_CLIENT_CERT: optionalText,
    PLUGIN_MULTIPLEX_GRPC: optionalText,
    PLUGIN_UNIX_SOCKET_DIR: optionalText,
    PLUGIN_UNIX_SOCKET_GROUP: optionalText,
  })
  .transform((env) => ({
    versions: parseVersions(env.PLUGIN_PROTOCOL_VERSIONS ?? ''),
    minPort: env.PLUGIN_MIN_PORT ?? 0,
    maxPort: env.PLUGIN_MAX_PORT ?? 0,
    /** PEM of the only client that may connect, where the host wants TLS on both sides (AutoMTLS). */
    clientCertificate: env.PLUGIN_CLIENT_CERT,
    asksForMultiplexing: env.PLUGIN_MULTIPLEX_GRPC !== undefined,
    socketDirectory: env.PLUGIN_UNIX_SOCKET_DIR,
    /** Name or number of the group that may connect besides the owner. */
    socketGroup: env.PLUGIN_UNIX_SOCKET_GROUP,
  }));
export type HostEnvironment = z.infer<typeof HostEnvironment>;

function parseVersions(list: string): {
  readonly numbers: readonly number[];
  readonly strange: readonly string[];
} {
  const entries = list.split(',').filter((entry) => entry !== '');
  const isNumber = (entry: string) => /^\d+$/.test(entry);
  return {
    numbers: entries.filter(isNumber).map(Number),
    strange: entries.filter((entry) => !isNumber(entry)),
  };
}

/**
 * The version that both speak: the highest of ours that the host has. Where there is none it is our lowest, which the
 * host then refuses with a message of its own that names both sides' versions.
 */
export function negotiateVersion(own: readonly number[], hosts: readonly number[]): number {
  const descending = own.toSorted((a, b) => b - a);
  const version = descending.find((candidate) => hosts.includes(candidate)) ?? descending.at(-1);
  if (version === undefined)
    throw new TypeError('a plugin needs at least one version: give `versions` one entry');
  return version;
}

export interface Handshake {
  readonly version: number;
  readonly network: 'unix' | 'tcp';
  /** Absolute path of a socket, or host:port */
  readonly address: string;
  /** DER of the server's certificate, under AutoMTLS */
  readonly certificate?: Uint8Array | undefined;
  readonly asksForMultiplexing: boolean;
}

/** The one line that a host reads from standard output, newline included. */
export function handshakeLine(handshake: Handshake): string {
  const { version, network, address, certificate, asksForMultiplexing } = handshake;
  // Go decodes base64 without padding only.
  const encoded =
    certificate === undefined ? '' : Buffer.from(certificate).toString('base64').replace(/=+$/, '');
  const fields = [coreProtocolVersion, version, network, address, 'grpc', encoded];
  // Multiplexing (yamux) is not offered. Only hosts that ask may be told: older ones take a seventh field for a part
  // of the certificate.
  if (asksForMultiplexing) fields.push('false');
  return `${fields.join('|')}\n`;
}

/** For whoever starts a plugin by hand. */
export function startedByHand(name: string): string {
  return [
    `${name} is a plugin: started by hand it does nothing.`,
    'A host program starts it and talks to it over a socket.',
    'To use it, install it where the host looks for plugins, and (re)start the host.',
    '',
  ].join('\n');
}
