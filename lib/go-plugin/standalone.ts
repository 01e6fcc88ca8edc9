import { splitAddress } from './address.ts';
import { type Effects, processEffects } from './effects.ts';
import { bind } from './grpc-server.ts';
import type { Interceptor } from './interceptor.ts';
import { Life } from './life.ts';
import { PluginStartError } from './listen.ts';
import { HclogLogger, type Logger } from './log.ts';
import { PluginServer, type PluginSet } from './plugin-server.ts';
import type { RunningPlugin } from './serve.ts';
import { PrintedOutput } from './stdio.ts';

export interface StandaloneOptions {
  readonly services: PluginSet;
  /** Host and port, '127.0.0.1:0' where unsaid: a free port of this machine's own. ':5000' is '127.0.0.1:5000'. */
  readonly address?: string;
  /** The application's protocol version, told to hosts that attach; 1 where unsaid. */
  readonly version?: number;
  readonly log?: Logger;
  readonly interceptors?: readonly Interceptor[];
  readonly maxReceiveMessageBytes?: number;
  readonly stop?: () => Promise<void>;
  readonly onUncaught?: 'log' | 'exit';
}

/** What a host needs to attach to a plugin that already runs: go-plugin's ReattachConfig, in the JSON of its users. */
export interface ReattachConfig {
  readonly Protocol: 'grpc';
  readonly ProtocolVersion: number;
  readonly Pid: number;
  /** Tells the host that it does not own the process, so that it leaves it running. */
  readonly Test: true;
  readonly Addr: { readonly Network: 'tcp' | 'unix'; readonly String: string };
}

/**
 * Serves without a host, so that a debugger can start the program: no cookie, no handshake, no TLS, on TCP. Says on
 * standard error where, as text and as the JSON with which a host of go-plugin attaches. Ends on SIGINT and SIGTERM.
 *
 * Whoever reaches the port can call the plugin: keep it on 127.0.0.1.
 */
export async function serveStandalone(
  options: StandaloneOptions,
  effects: Effects = processEffects(),
): Promise<RunningPlugin> {
  const { services, version = 1, interceptors = [], maxReceiveMessageBytes, onUncaught = 'log' } = options;
  const log =
    options.log ?? new HclogLogger({ write: (line) => effects.printError(line), now: () => effects.now() });
  const life = new Life({ effects, log, hosted: false, flush: options.stop, onUncaught });
  const server = new PluginServer({
    ...{ plugins: services, log, interceptors, maxReceiveMessageBytes },
    output: new PrintedOutput(),
    // Whoever has started it ends it, and not a host that leaves: the next one may attach.
    onShutdown: () => log.info('a host has left'),
    rules: {
      ...{ network: 'tcp', group: undefined, minPort: 0, maxPort: 0 },
      ...{ directory: effects.temporaryDirectory, platform: effects.platform },
    },
  });
  const wanted = options.address ?? ':0';
  let address: string;
  try {
    const split = splitAddress(wanted);
    if (split === undefined) {
      throw new PluginStartError(
        `'${wanted}' is no address to serve on; write host:port, for example 127.0.0.1:5000`,
      );
    }
    const [host, port] = [split[0] || '127.0.0.1', split[1]];
    address = `${host}:${await bind(server.server, `${host}:${port}`, server.credentials)}`;
  } catch (cause) {
    const error =
      cause instanceof PluginStartError
        ? cause
        : new PluginStartError(`cannot serve on ${wanted}; choose another address`, { cause });
    log.error('the plugin cannot start', { error });
    await life.end(1, 0);
    throw error;
  }
  life.serve(server);
  const reattach: ReattachConfig = {
    Protocol: 'grpc',
    ProtocolVersion: version,
    Pid: effects.pid,
    Test: true,
    Addr: { Network: 'tcp', String: address },
  };
  effects.printError(
    `Serving on ${address} without a host; Ctrl-C ends it. To attach a host of go-plugin:\n`,
  );
  effects.printError(`${JSON.stringify(reattach)}\n`);
  return { address, network: 'tcp', version, stop: () => life.end(0, 1000), stopped: life.stopped };
}
