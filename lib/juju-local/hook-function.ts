import { type HookContext, HookToolError, type HookTools, parseHookContext } from '#lib/juju';
import type { Clock } from './clock.ts';
import type { HookExit, HookProcess } from './hook-process.ts';

/**
 * A charm as a function, in place of its `dispatch`: called for each hook and action with what a process would be
 * given. Rejecting is exiting with 1. For tests that run thousands of hooks; nothing else about the model differs.
 *
 * A hook ends early where a process would be killed: it takes too long, it asks for a reboot now, or the model is
 * closed. `signal` is aborted then, and nobody waits for the function any longer. What goes on after the end of its
 * hook is refused by `tools`.
 */
export type CharmFunction = (tools: HookTools, context: HookContext, signal: AbortSignal) => Promise<void>;

export interface FunctionCall {
  readonly tools: HookTools;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Told what the function threw, as a process would write it to stderr. */
  onError(line: string): void;
}

export function startFunction(charm: CharmFunction, call: FunctionCall): HookProcess {
  const killing = new AbortController();
  const ended = Promise.withResolvers<HookExit>();
  const end = (exit: HookExit) => {
    ended.resolve(exit);
    killing.abort();
  };
  const forget = call.clock.after(call.timeoutMs, () => end({ kind: 'timed-out' }));
  let over = false;
  const exit = Promise.race([
    ended.promise,
    run(
      charm,
      endingTools(call.tools, () => over || killing.signal.aborted),
      call,
      killing.signal,
    ),
  ]).finally(() => {
    over = true;
    forget();
  });
  return { exit, kill: () => end({ kind: 'killed', signal: 'SIGKILL' }) };
}

async function run(
  charm: CharmFunction,
  tools: HookTools,
  { environment, onError }: FunctionCall,
  signal: AbortSignal,
): Promise<HookExit> {
  try {
    // Not before the caller has the handle: what the function does first may end it.
    await null;
    await charm(tools, parseHookContext(environment), signal);
    return { kind: 'exited', exitCode: 0 };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (!signal.aborted) for (const line of text.split('\n')) onError(line);
    return { kind: 'exited', exitCode: 1 };
  }
}

/** Tools that refuse when their hook is over, as the agent's do: what it did not await must not come true later. */
function endingTools(tools: HookTools, isOver: () => boolean): HookTools {
  return new Proxy(tools, {
    get(target, name) {
      const tool: unknown = Reflect.get(target, name);
      if (typeof tool !== 'function') return tool;
      return (...args: unknown[]): unknown => {
        if (!isOver()) return Reflect.apply(tool, target, args);
        const message = 'bad request: the hook has ended';
        return Promise.reject(new HookToolError(message, { code: 'FAILED', tool: String(name) }));
      };
    },
  });
}
