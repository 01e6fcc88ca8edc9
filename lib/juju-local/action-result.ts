import { isUtf8 } from 'node:buffer';
import type { ActionValue } from '#lib/juju';
import type { ActionResult, ActionRun } from './action-run.ts';
import type { HookResult } from './hook-run.ts';

/** @returns what `juju run` would show */
export function actionResult(unit: string, { outcome, log }: ActionRun, hook: HookResult): ActionResult {
  const { exit } = hook;
  const results: Record<string, ActionValue> = { ...outcome.results };
  if (exit.kind === 'exited') results['return-code'] = exit.exitCode;
  for (const name of ['stdout', 'stderr'] as const) Object.assign(results, shown(name, hook[name]));
  const message = failureOf(unit, hook) ?? outcome.failure ?? undefined;
  return { status: message === undefined ? 'completed' : 'failed', results, message: message ?? '', log };
}

/** Text as it is; what is none in base64, with a key that says so. */
function shown(name: string, bytes: Buffer): Record<string, string> {
  if (bytes.length === 0) return {};
  if (isUtf8(bytes)) return { [name]: bytes.toString() };
  return { [name]: bytes.toString('base64'), [`${name}-encoding`]: 'base64' };
}

/** An action that never ran, because its unit or model went away. */
export function actionCancelled(message: string): ActionResult {
  return { status: 'failed', results: {}, message, log: [] };
}

function failureOf(unit: string, { exit, refusal }: HookResult): string | undefined {
  switch (exit.kind) {
    case 'missing':
      return `action not implemented on unit ${JSON.stringify(unit)}`;
    case 'exited':
      return exit.exitCode === 0 ? refusal : `exit status ${exit.exitCode}`;
    case 'killed':
      return `signal: ${exit.signal}`;
    case 'timed-out':
      return 'took too long';
    case 'failed-to-start':
      return exit.message;
  }
}
