import { type Effects, processEffects } from './effects.ts';
import { HostEnvironment, handshakeLine, negotiateVersion, startedByHand } from './handshake.ts';
import type { Interceptor } from './interceptor.ts';
import { Life } from './life.ts';
import { listen, PluginStartError, type SocketRules } from './listen.ts';
import { HclogLogger, type Logger } from './log.ts';
import { PluginServer, type PluginSet } from './plugin-server.ts';
import { PrintedOutput } from './stdio.ts';

export type { PluginSet } from './plugin-server.ts';

export interface ServeOptions {
  /** What the host sets in the environment, so that a plugin knows a host from a person. No secret. */
  readonly cookie: { readonly key: string; readonly value: string };
  /** What is served in each version of the application's protocol. The highest that the host knows is taken. */
  readonly versions: Readonly<Record<number, PluginSet>>;
  readonly log?: Logger;
  /** Around each call of the plugin's own services, the first outermost. */
  readonly interceptors?: readonly Interceptor[];
  /** Longest request, in bytes; 16 MiB where unsaid. Answers have no limit. */
  readonly maxReceiveMessageBytes?: number;
  /** Last work, such as flushing traces: begun when the server has closed, and waited for at most 1.5 s. */
  readonly stop?: () => Promise<void>;
  /** How the plugin calls itself to those who start it by hand. */
  readonly name?: string;
  /** 'unix' where unsaid, but 'tcp' on Windows, as hosts expect there. TCP stays on 127.0.0.1. */
  readonly network?: 'unix' | 'tcp';
  /** What to do with an error that nobody caught: 'log' it where unsaid (see adr/002), or 'exit' with code 1 as well. */
  readonly onUncaught?: 'log' | 'exit';
}

export interface RunningPlugin {
  /** Absolute path of the socket, or host:port */
  readonly address: string;
  readonly network: 'unix' | 'tcp';
  /** The application's protocol version that host and plugin have settled on */
  readonly version: number;
  /** Ends the plugin as SIGTERM does: calls in progress get a second. Resolves when it is over; never rejects. */
  stop(): Promise<void>;
  /** Settles when the plugin has ended, whatever ended it, right before its process exits. */
  readonly stopped: Promise<void>;
}

/**
 * Serves as the plugin that a host has just started this process to be. The process is the plugin's from here on: its
 * standard output goes to the host's stdio stream, and it ends when the plugin does.
 * @throws {PluginStartError} what is in the way, which standard error has been told as well; the process ends with
 *   code 1
 */
export async function serve(
  options: ServeOptions,
  effects: Effects = processEffects(),
): Promise<RunningPlugin> {
  const name = options.name ?? 'This program';
  if (effects.env[options.cookie.key] !== options.cookie.value) {
    // What modules have printed while they were loaded belongs on standard error, too: nothing is to follow here.
    effects.divertOutput(() => {});
    effects.printError(startedByHand(name));
    effects.exit(1);
    throw new PluginStartError(
      `${name} was not started by its host: ${options.cookie.key} is not set as it sets it`,
    );
  }

  const output = new PrintedOutput();
  const restoreOutput = effects.divertOutput((channel, bytes) => output.add(channel, bytes));
  const log =
    options.log ?? new HclogLogger({ write: (line) => effects.printError(line), now: () => effects.now() });
  const life = new Life({
    effects,
    log,
    hosted: true,
    flush: options.stop,
    onUncaught: options.onUncaught ?? 'log',
  });
  life.atEnd(restoreOutput);
  try {
    return await start(options, { effects, log, life, output });
  } catch (error) {
    log.error('the plugin cannot start', { error });
    await life.end(1, 0);
    throw error;
  }
}

interface Parts {
  readonly effects: Effects;
  readonly log: Logger;
  readonly life: Life;
  readonly output: PrintedOutput;
}

async function start(options: ServeOptions, { effects, log, life, output }: Parts): Promise<RunningPlugin> {
  const read = HostEnvironment.safeParse(effects.env);
  if (!read.success) {
    const issues = read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
    throw new PluginStartError(`the host's environment is not understood: ${issues.join('; ')}`);
  }
  const host = read.data;
  if (host.versions.strange.length > 0) {
    log.warn('PLUGIN_PROTOCOL_VERSIONS names versions that are no numbers', {
      versions: host.versions.strange,
    });
  }
  const version = negotiateVersion(Object.keys(options.versions).map(Number), host.versions.numbers);
  const plugins = options.versions[version] ?? [];

  const rules: SocketRules = {
    network: options.network ?? (effects.platform === 'win32' ? 'tcp' : 'unix'),
    directory: host.socketDirectory ?? effects.temporaryDirectory,
    group: host.socketGroup,
    minPort: host.minPort,
    maxPort: host.maxPort,
    platform: effects.platform,
  };
  const { clientCertificate } = host;
  // Most hosts want no TLS, and what makes certificates takes a while to load.
  const mtls =
    clientCertificate === undefined
      ? undefined
      : await import('./mtls.ts').then(({ autoMtls }) => autoMtls(clientCertificate, effects.now()));
  const { interceptors = [], maxReceiveMessageBytes } = options;
  const onShutdown = () => void life.end(0, 0);
  const server = new PluginServer({
    ...{ plugins, rules, output, mtls, onShutdown, log, interceptors, maxReceiveMessageBytes },
  });
  const { network, address } = await listen(server.server, server.credentials, rules);
  life.serve(server);

  const { asksForMultiplexing } = host;
  effects.printHandshake(
    handshakeLine({ version, network, address, certificate: mtls?.certificate, asksForMultiplexing }),
  );
  return { address, network, version, stop: () => life.end(0, 1000), stopped: life.stopped };
}
