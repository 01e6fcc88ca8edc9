/**
 * What went wrong with a hook tool, for programs:
 * - `NOT_LEADER`: only the leader may do this, and this unit is not it, or no longer.
 * - `RELATION_GONE`: no relation of this id.
 * - `SECRET_NOT_FOUND`: no secret of this URI or label, also when the URI is malformed.
 * - `PERMISSION_DENIED`: it exists, but not for this unit (a secret that was not granted, an unrelated databag), or it
 *   is a relation that was removed while the agent still offers it: Juju says the same of both.
 * - `NOT_AVAILABLE`: this Juju has no such tool, or none in this kind of hook.
 * - `TOO_LARGE`: an argument is longer than the machine takes, which matters only where tools are processes.
 * - `FAILED`: anything else. Usage errors (exit code 2 for reasons not named above) are here: they are bugs.
 */
export type HookToolErrorCode =
  | 'NOT_LEADER'
  | 'RELATION_GONE'
  | 'SECRET_NOT_FOUND'
  | 'PERMISSION_DENIED'
  | 'NOT_AVAILABLE'
  | 'TOO_LARGE'
  | 'FAILED';

/** A hook tool refused. `expected` is true for what a correct charm must reckon with, false for a bug. */
export class HookToolError extends Error {
  override readonly name = 'HookToolError';
  readonly code: HookToolErrorCode;
  readonly tool: string;
  /** The tool's exit code as Juju has it: 2 for its arguments, 1 for all else; undefined when it never ran. */
  readonly exitCode: number | undefined;

  constructor(
    message: string,
    details: { code: HookToolErrorCode; tool: string; exitCode?: number | undefined; cause?: unknown },
  ) {
    super(message, { cause: details.cause });
    this.code = details.code;
    this.tool = details.tool;
    this.exitCode = details.exitCode;
  }

  get expected(): boolean {
    return this.code !== 'FAILED';
  }
}

/** @returns whether `error` is a hook tool's, with one of `codes` where any are given */
export function isHookToolError(error: unknown, ...codes: HookToolErrorCode[]): error is HookToolError {
  return error instanceof HookToolError && (codes.length === 0 || codes.includes(error.code));
}
