import type { ToolCalls } from './activity.ts';
import type { ToolReply, ToolRequest } from './run-hook-tool.ts';

export interface ChannelRequest extends ToolRequest {
  /** The caller's working directory. */
  readonly directory: string;
}

/** One hook's end of a channel. */
export interface ChannelContext {
  readonly id: string;
  /** Rejections are answered as failures of the tool. */
  serve(request: ChannelRequest): Promise<ToolReply>;
}

/** A way in which a hook reaches its unit's agent. It is open as long as the unit; hooks take turns on it. */
export interface HookChannel {
  readonly kind: keyof ToolCalls;
  /** From now on callers with this context's id are served, and no others. */
  begin(context: ChannelContext): void;
  /** Waits for calls that are being served. */
  end(): Promise<void>;
  close(): void;
}

/** @returns what a tool says that belongs to no hook, or to one that has ended */
export function wrongContext(contextId: string): string {
  return `bad request: wrong context ID; got ${JSON.stringify(contextId)}`;
}
