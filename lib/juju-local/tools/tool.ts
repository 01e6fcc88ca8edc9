import type { HookEvent, HookTools } from '#lib/juju';
import type { Flags, ParsedArgs } from './args.ts';

/** What a tool needs besides {@link HookTools}. */
export interface ToolContext {
  readonly event: HookEvent;
  /** Names of the charm's config options, for `config-get --all`. */
  readonly configOptions: readonly string[];
  /** Of the deprecated leader-get and leader-set. */
  readonly leaderSettings: {
    get(): Readonly<Record<string, string>>;
    set(changes: ReadonlyMap<string, string>): void;
  };
  /** Files named by arguments are the agent's to read and write, relative to the caller's directory. */
  readFile(path: string): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
}

export interface ToolCall {
  readonly tools: HookTools;
  readonly context: ToolContext;
  readonly args: ParsedArgs;
  /** Content of a file argument, where `-` is stdin. */
  file(path: string): Promise<string>;
}

/** What a tool prints: a value in the wanted format, or text as it is. */
export type ToolOutput = { readonly value: unknown } | { readonly text: string } | undefined;

export interface Tool {
  readonly flags: Flags;
  /** The formats it knows, its default first; none: it has no --format. */
  readonly formats: readonly ('smart' | 'json' | 'yaml')[];
  run(call: ToolCall): Promise<ToolOutput>;
}

export const smart = ['smart', 'json', 'yaml'] as const;
/** Of the tools whose output has no smart form. */
export const yamlFirst = ['yaml', 'json'] as const;
