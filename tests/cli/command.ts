import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectFolder } from '#src/local';

export interface Finished {
  /** Null: ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `./crosslink` as a user does, outside of any terminal. */
export function startCrosslink(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): {
  child: ChildProcess;
  finished: Promise<Finished>;
} {
  const child = spawn(join(projectFolder, 'crosslink'), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, finished };
}

export function crosslink(...args: string[]): Promise<Finished> {
  return startCrosslink(args).finished;
}
