import type { UnitName } from '#lib/juju';
import type { HookResult } from './hook-run.ts';

/** A hook that failed and has not succeeded since. */
export interface Failure {
  readonly unit: UnitName;
  readonly hook: string;
  /** Null: the process was ended, or never began. */
  readonly exitCode: number | null;
  /** Its last lines on stderr, and why its changes were refused. */
  readonly stderrTail: string;
  readonly attempts: number;
}

const tailLines = 20;

export function outcomeOf({ exit, refusal, reboot }: HookResult): 'ok' | 'skipped' | 'failed' | 'terminated' {
  if (reboot === 'now') return 'terminated';
  if (exit.kind === 'missing') return refusal === undefined ? 'skipped' : 'failed';
  if (exit.kind === 'exited') return exit.exitCode === 0 && refusal === undefined ? 'ok' : 'failed';
  return exit.kind === 'killed' ? 'terminated' : 'failed';
}

/** @param attempts - how often the hook was run, this time included */
export function failureOf(unit: UnitName, hook: string, result: HookResult, attempts: number): Failure {
  const { exit, refusal, stderr } = result;
  const written = stderr.toString().split('\n');
  if (written.at(-1) === '') written.pop();
  const told = [...written.slice(-tailLines), ...(refusal ? [`ERROR ${refusal}`] : [])];
  const exitCode = exit.kind === 'exited' ? exit.exitCode : null;
  return { unit, hook, exitCode, stderrTail: told.join('\n'), attempts };
}
