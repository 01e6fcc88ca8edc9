import { type ChildProcess, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface HookCommand {
  /** Absolute; also the working directory. */
  readonly charmDirectory: string;
  /** `hooks/install` or `actions/backup`: used when there is no `dispatch`. */
  readonly fallback: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** All bytes, as they come. */
  onOutput(stream: 'stdout' | 'stderr', bytes: Buffer): void;
  /** The same bytes again, by lines. */
  onLine(stream: 'stdout' | 'stderr', line: string): void;
}

/** How a hook's process ended. */
export type HookExit =
  | { readonly kind: 'exited'; readonly exitCode: number }
  /** Neither dispatch nor the fallback is there: a success for a hook, not for an action. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'killed'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'failed-to-start'; readonly message: string };

export interface HookProcess {
  readonly exit: Promise<HookExit>;
  /** Ends the process and what it started. */
  kill(): void;
}

/** How long output is read after the end of the process, when something else holds it open. */
const drainMs = 100;
const groups = new WeakMap<object, Set<number>>();

/**
 * Starts a charm's executable. The hook has ended when this direct child has: what it left in the background goes
 * on, as under Juju, until {@link killLeftovers}.
 * @param owner - whom background processes are remembered for
 * @see juju/juju: worker/uniter/runner/runner.go
 */
export function startHook(command: HookCommand, owner: object): HookProcess {
  let child: ChildProcess | undefined;
  let killed = false;
  const kill = () => {
    killed = true;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null)
      killGroup(child.pid);
  };
  const run = async (): Promise<HookExit> => {
    const path = await executable(command);
    if (path === undefined) return { kind: 'missing' };
    if (killed) return { kind: 'killed', signal: 'SIGKILL' };
    const started = spawn(path, [], {
      cwd: command.charmDirectory,
      env: command.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a hook can be ended with everything it started.
      detached: true,
    });
    child = started;
    return watch(started, command, owner);
  };
  return { exit: run(), kill };
}

async function executable({ charmDirectory, fallback }: HookCommand): Promise<string | undefined> {
  for (const name of ['dispatch', fallback]) {
    const path = join(charmDirectory, name);
    if (await stat(path).catch(() => undefined)) return path;
  }
  return undefined;
}

async function watch(child: ChildProcess, command: HookCommand, owner: object): Promise<HookExit> {
  const { pid } = child;
  const streams: [name: 'stdout' | 'stderr', stream: Readable][] = [];
  if (child.stdout) streams.push(['stdout', child.stdout]);
  if (child.stderr) streams.push(['stderr', child.stderr]);
  let listening = true;
  for (const [name, stream] of streams) {
    stream.on('data', (bytes: Buffer) => {
      if (listening) command.onOutput(name, bytes);
    });
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      if (listening) command.onLine(name, line);
    });
  }
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    if (pid !== undefined) killGroup(pid);
  }, command.timeoutMs);
  const exit = await new Promise<HookExit>((resolve) => {
    child.once('error', ({ message }) => resolve({ kind: 'failed-to-start', message }));
    child.once('exit', (exitCode, signal) => {
      if (timedOut) resolve({ kind: 'timed-out' });
      else if (signal) resolve({ kind: 'killed', signal });
      else resolve({ kind: 'exited', exitCode: exitCode ?? 1 });
    });
  });
  clearTimeout(timer);
  if (pid === undefined) return exit;
  let drained: NodeJS.Timeout | undefined;
  const patience = new Promise<'late'>((resolve) => {
    drained = setTimeout(() => resolve('late'), drainMs);
  });
  if ((await Promise.race([closed, patience])) === 'late') {
    // Something in the background holds the pipes open.
    listening = false;
    for (const [, stream] of streams)
      if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
  }
  clearTimeout(drained);
  rememberGroup(pid, owner);
  return exit;
}

/** Remembers what a hook left in the background, and forgets groups that have ended: their ids may come again. */
function rememberGroup(pid: number, owner: object): void {
  const left = [...(groups.get(owner) ?? []), pid].filter(isGroup);
  groups.set(owner, new Set(left));
}

function isGroup(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

/** Ends what this owner's hooks left running in the background, unless it made a process group of its own. */
export function killLeftovers(owner: object): void {
  for (const pid of groups.get(owner) ?? []) killGroup(pid);
  groups.delete(owner);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself in the meantime.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
