import type { ActionValue } from '#lib/juju';
import type { ActionResult, ActionRun } from './action-run.ts';
import type { HookResult } from './hook-run.ts';

/** @returns what `juju run` would show */
export function actionResult(unit: string, { outcome, log }: ActionRun, hook: HookResult): ActionResult {
  const { exit } = hook;
  const results: Record<string, ActionValue> = { ...outcome.results };
  if (exit.kind === 'exited') results['return-code'] = exit.exitCode;
  if (hook.stdout.length > 0) results.stdout = `${hook.stdout.join('\n')}\n`;
  if (hook.stderr.length > 0) results.stderr = `${hook.stderr.join('\n')}\n`;
  const message = failureOf(unit, hook) ?? outcome.failure ?? undefined;
  return { status: message === undefined ? 'completed' : 'failed', results, message: message ?? '', log };
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
