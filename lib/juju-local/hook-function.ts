import { type HookContext, type HookTools, parseHookContext } from '#lib/juju';
import type { HookProcess } from './hook-process.ts';

/**
 * A charm as a function, in place of its `dispatch`: called for each hook and action with what a process would be
 * given. Rejecting is exiting with 1. For tests that run thousands of hooks; nothing else about the model differs.
 */
export type CharmFunction = (tools: HookTools, context: HookContext) => Promise<void>;

/** @param onError - told what the function threw, as a process would write it to stderr */
export function startFunction(
  charm: CharmFunction,
  tools: HookTools,
  environment: Readonly<Record<string, string>>,
  onError: (line: string) => void,
): HookProcess {
  const run = async () => {
    try {
      await charm(tools, parseHookContext(environment));
      return { kind: 'exited', exitCode: 0 } as const;
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      for (const line of text.split('\n')) onError(line);
      return { kind: 'exited', exitCode: 1 } as const;
    }
  };
  // There is no process to end: a function runs to its end.
  return { exit: run(), kill: () => {} };
}
