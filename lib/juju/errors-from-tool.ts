import { HookToolError, type HookToolErrorCode } from './errors.ts';

/**
 * Juju's texts and what they mean, first match wins. Tools print nothing but a text and 1 or 2, so the text is all
 * there is to tell an expected condition from a bug.
 * @see juju/juju: worker/uniter/runner/jujuc, worker/uniter/runner/context
 */
const meanings: readonly (readonly [RegExp, HookToolErrorCode])[] = [
  [/not the leader/, 'NOT_LEADER'],
  // What a follower reads when it writes its application's databag; the text says nothing of leadership.
  [/^cannot write relation settings/, 'NOT_LEADER'],
  [/relation not found/, 'RELATION_GONE'],
  // A malformed URI comes from an operator's config as often as from a bug, and names no secret either way.
  [/^secret URI ".*" not valid/s, 'SECRET_NOT_FOUND'],
  [/^(secret|consumer label) ".*" not found/s, 'SECRET_NOT_FOUND'],
  // Also of a relation that is gone while the agent still offers it, then at times with a text in brackets behind.
  [/(^|: )permission denied/, 'PERMISSION_DENIED'],
  [/^not running an action/, 'NOT_AVAILABLE'],
  [/^juju-reboot is not supported/, 'NOT_AVAILABLE'],
  [/unknown command: /, 'NOT_AVAILABLE'],
  [/on a "caas" model not supported/, 'NOT_AVAILABLE'],
];

/**
 * @param exitCode - 2 for bad arguments, 1 for a failure while running
 * @param message - Juju's text without `ERROR `
 */
export function toolError(tool: string, exitCode: number | undefined, message: string): HookToolError {
  const code = meanings.find(([text]) => text.test(message))?.[1] ?? 'FAILED';
  return new HookToolError(message, { code, tool, exitCode });
}

/** @returns the text of the last `ERROR` line of what a tool wrote to stderr, or all of it when there is none */
export function messageFromStderr(stderr: string): string {
  const errors = stderr.split('\n').filter((line) => line.startsWith('ERROR '));
  return (errors.at(-1)?.slice('ERROR '.length) ?? stderr).trim();
}
