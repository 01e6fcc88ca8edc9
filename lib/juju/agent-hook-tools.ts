import { AgentConnection, AgentConnectionError, type JujucReply } from './agent/index.ts';
import { HookToolError } from './errors.ts';
import { messageFromStderr, toolError } from './errors-from-tool.ts';
import type { HookTools } from './hook-tools.ts';
import { hookToolsOver, type ToolRunner } from './hook-tools-over.ts';
import { type HookToolOptions, processes, toolEnvironment } from './process-hook-tools.ts';
import type { ToolEnvironment } from './run-tool.ts';

/**
 * Carrying these out twice would not be the same as once: there would be a secret too many. A line too many in a log
 * is better than a hook that fails for it.
 */
const onlyOnce: readonly string[] = ['secret-add', 'storage-add'];

/** They change nothing, so that it is all one in which order the agent answers them. */
const reads: ReadonlySet<string> = new Set([
  'relation-ids',
  'relation-list',
  'relation-get',
  'relation-model-get',
  'config-get',
  'is-leader',
  'status-get',
  'goal-state',
  'network-get',
  'unit-get',
  'opened-ports',
  'secret-get',
  'secret-info-get',
  'secret-ids',
  'state-get',
  'action-get',
  'storage-list',
  'storage-get',
]);

/** A secret that is asked for with `--refresh`, or gets a label by it, is another one for who asks next. */
function readsOnly(tool: string, args: readonly string[]): boolean {
  return reads.has(tool) && !(tool === 'secret-get' && args.some((arg) => /^--(refresh|label)/.test(arg)));
}

/**
 * Hook tools without processes, where Juju's environment offers the agent's socket: one connection for all calls,
 * a fraction of a millisecond each. On any doubt (nobody listens, or what answers is not understood) the tools are
 * spawned, for that call and for the rest of the hook, and a debug line in Juju's log says so. Only `secretAdd` and
 * `storageAdd` reject where the connection was cut after they were sent: nobody knows whether they came to be.
 *
 * The protocol is Juju's own affair, and it promises nothing about it: hence the way back.
 */
export function hookTools(options: HookToolOptions = {}): HookTools {
  const where = toolEnvironment(options);
  const spawn = processes(where);
  return hookToolsOver(overSocket(where, spawn) ?? spawn);
}

/** @returns undefined when there is no socket to speak of */
function overSocket({ env, cwd, timeoutMs }: ToolEnvironment, spawn: ToolRunner): ToolRunner | undefined {
  const { JUJU_AGENT_SOCKET_ADDRESS: address, JUJU_AGENT_SOCKET_NETWORK: network } = env;
  const { JUJU_CONTEXT_ID: contextId, JUJU_AGENT_TOKEN: token = '' } = env;
  if (!address || !contextId || network !== 'unix') return undefined;
  const connection = new AgentConnection(address, timeoutMs);
  const dir = cwd ?? process.cwd();
  let doubted = false;
  return async (tool, args, stdin) => {
    if (doubted) return spawn(tool, args, stdin);
    try {
      const request = { contextId, dir, command: tool, args, stdin, token };
      const reply = await connection.call(request, readsOnly(tool, args));
      return outputOf(tool, reply);
    } catch (error) {
      if (!(error instanceof AgentConnectionError)) throw error;
      const first = !doubted;
      doubted = true;
      if (error.sent && onlyOnce.includes(tool)) {
        throw new HookToolError(`${tool} may have been carried out or not: ${error.message}`, {
          code: 'FAILED',
          tool,
          cause: error,
        });
      }
      if (first) await spawn('juju-log', ['-l', 'DEBUG', '--', `spawning hook tools: ${error.message}`]);
      return spawn(tool, args, stdin);
    }
  };
}

/** @throws {HookToolError} as for a tool that was spawned */
function outputOf(tool: string, reply: JujucReply | string): string {
  // An error of the call itself: `jujuc` shows it and exits with 1.
  if (typeof reply === 'string') throw toolError(tool, 1, reply);
  if (reply.code === 0) return Buffer.from(reply.stdout).toString();
  const message = messageFromStderr(Buffer.from(reply.stderr).toString());
  throw toolError(tool, reply.code, message || `${tool} failed with exit code ${reply.code}`);
}
