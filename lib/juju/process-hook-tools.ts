import type { HookTools } from './hook-tools.ts';
import { hookToolsOver, type ToolRunner } from './hook-tools-over.ts';
import type { ToolEnvironment } from './run-tool.ts';

/** A tool only talks to the agent on the same machine; the agent may have to ask a busy controller. */
const defaultTimeoutMs = 120_000;

export interface HookToolOptions {
  /** Environment of the tools: what Juju gave this process. Default: `process.env`. */
  readonly env?: ToolEnvironment['env'];
  /** Default: this process's own. */
  readonly cwd?: string;
  /** Of one call; default 120 000. */
  readonly timeoutMs?: number;
}

/** Juju's own hook tools, one process for each call. */
export function processHookTools(options: HookToolOptions = {}): HookTools {
  return hookToolsOver(processes(toolEnvironment(options)));
}

/** A process for each call. What starts them is loaded with the first one: over the agent's socket there is none. */
export function processes(where: ToolEnvironment): ToolRunner {
  return async (tool, args, stdin) => {
    const { runTool } = await import('./run-tool.ts');
    return runTool({ tool, args, stdin }, where);
  };
}

export function toolEnvironment({ env, cwd, timeoutMs }: HookToolOptions): ToolEnvironment {
  return { env: env ?? process.env, cwd, timeoutMs: timeoutMs ?? defaultTimeoutMs };
}
