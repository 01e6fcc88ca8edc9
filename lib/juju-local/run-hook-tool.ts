import { HookToolError, type HookTools } from '#lib/juju';
import { actionTools } from './tools/action.ts';
import { type Flags, parseArgs, ToolFailure } from './tools/args.ts';
import { formatValue, parseFormat } from './tools/format.ts';
import { networkTools } from './tools/network.ts';
import { relationTools } from './tools/relation.ts';
import { secretTools } from './tools/secret.ts';
import { storageTools } from './tools/storage.ts';
import type { Tool, ToolContext } from './tools/tool.ts';
import { unitTools } from './tools/unit.ts';

const registry: ReadonlyMap<string, Tool> = new Map<string, Tool>(
  Object.entries({
    ...relationTools,
    ...unitTools,
    ...networkTools,
    ...secretTools,
    ...actionTools,
    ...storageTools,
  }),
);

/** Names of all hook tools, sorted. */
export const hookToolNames: readonly string[] = [...registry.keys()].sort();

export interface ToolRequest {
  readonly name: string;
  /** Without the name. */
  readonly args: readonly string[];
  /** Undefined: the caller sent none; see {@link needsStdin}. */
  readonly stdin: string | undefined;
}

export interface ToolReply {
  /** 0, 1 for a failure, 2 for bad arguments. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @returns whether these arguments name stdin as a file, so that the caller must send it along */
export function needsStdin({ name, args }: Pick<ToolRequest, 'name' | 'args'>): boolean {
  const tool = registry.get(name);
  if (!tool || !Object.hasOwn(tool.flags, 'file')) return false;
  const end = args.indexOf('--');
  const flags = end < 0 ? args : args.slice(0, end);
  return flags.some((arg, index) => arg === '--file=-' || (arg === '--file' && flags[index + 1] === '-'));
}

const outputFlags: Flags = { format: { kind: 'string' }, output: { kind: 'string', short: 'o' } };

/**
 * Runs one hook tool as Juju's agent would: the one place that knows what tools print, whatever carries the bytes.
 * Never rejects for what a caller can do wrong.
 * @see juju/juju: worker/uniter/runner/jujuc/server.go
 */
export async function runHookTool(
  tools: HookTools,
  context: ToolContext,
  request: ToolRequest,
): Promise<ToolReply> {
  const tool = registry.get(request.name);
  if (!tool) return failure(`bad request: unknown command: ${request.name}`, 1);
  try {
    const [standard] = tool.formats;
    const args = parseArgs(request.args, standard ? { ...tool.flags, ...outputFlags } : tool.flags);
    const format = standard && parseFormat(args.string('format') ?? standard, tool.formats);
    const file = async (path: string): Promise<string> => {
      if (path !== '-') return context.readFile(path);
      if (request.stdin === undefined) throw new ToolFailure('hook tool requires stdin, none supplied', 1);
      return request.stdin;
    };
    const output = await tool.run({ tools, context, args, file });
    if (!output) return { code: 0, stdout: '', stderr: '' };
    const text = 'text' in output ? output.text : formatValue(output.value, format ?? 'smart');
    const path = standard ? args.string('output') : undefined;
    if (path) await context.writeFile(path, text);
    return { code: 0, stdout: path ? '' : text, stderr: '' };
  } catch (error) {
    if (error instanceof ToolFailure) return failure(error.message, error.exitCode);
    if (error instanceof HookToolError) return failure(error.message, error.exitCode ?? 1);
    if (error instanceof Error && 'syscall' in error) return failure(error.message, 1);
    throw error;
  }
}

function failure(message: string, code: number): ToolReply {
  return { code, stdout: '', stderr: `ERROR ${message}\n` };
}
