import { spawn } from 'node:child_process';
import { HookToolError } from './errors.ts';
import { messageFromStderr, toolError } from './errors-from-tool.ts';

/** Where hook tools run, and for how long they may. */
export interface ToolEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string | undefined;
  readonly timeoutMs: number;
}

export interface ToolCall {
  readonly tool: string;
  readonly args: readonly string[];
  /** Without it the tool reads the null device. */
  readonly stdin?: string | undefined;
}

/**
 * Runs one hook tool, found on `env.PATH`, without a shell.
 * @returns what it wrote to stdout
 * @throws {HookToolError} when it exits other than with 0, is not there (NOT_AVAILABLE), is given more than an argument
 * can hold (TOO_LARGE), or takes too long. Neither arguments nor output are ever part of the message: they may be
 * secret.
 */
export function runTool({ tool, args, stdin }: ToolCall, where: ToolEnvironment): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawnTool(tool, args, stdin !== undefined, where);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const timer = setTimeout(() => {
    reject(failed(tool, `no answer from ${tool} within ${where.timeoutMs} ms`));
    child.kill('SIGKILL');
    // A grandchild may hold the pipes open; nobody listens to it any more.
    for (const stream of child.stdio) stream?.destroy();
  }, where.timeoutMs);

  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A tool that fails early does not read its stdin (EPIPE); its exit code tells more than that.
  child.stdin?.on('error', () => {});
  child.stdin?.end(stdin);
  child.on('error', (cause: NodeJS.ErrnoException) => {
    clearTimeout(timer);
    reject(notStarted(tool, cause, where));
  });
  child.on('close', (exitCode, signal) => {
    clearTimeout(timer);
    if (exitCode === 0) resolve(Buffer.concat(stdout).toString());
    else if (exitCode === null) reject(failed(tool, `${tool} was ended by ${signal}`));
    else {
      const message = messageFromStderr(Buffer.concat(stderr).toString());
      reject(toolError(tool, exitCode, message || `${tool} failed with exit code ${exitCode}`));
    }
  });
  return promise;
}

function spawnTool(tool: string, args: readonly string[], piped: boolean, { env, cwd }: ToolEnvironment) {
  try {
    return spawn(tool, args, { env, cwd, stdio: [piped ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
  } catch (cause) {
    // Node's message for an argument with a NUL byte quotes the argument, so it is no cause to keep.
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    if (code === 'E2BIG') {
      const message = `an argument for ${tool} is longer than this machine takes: 128 KiB on Linux`;
      throw new HookToolError(message, { code: 'TOO_LARGE', tool });
    }
    throw failed(tool, `${tool} could not be started (${code})`);
  }
}

function notStarted(tool: string, cause: NodeJS.ErrnoException, { cwd }: ToolEnvironment): HookToolError {
  // Node reports a missing working directory as ENOENT too, with the same words.
  if (cause.code === 'ENOENT') {
    const message =
      cwd === undefined ? `no ${tool} on the PATH` : `no ${tool} on the PATH, or no folder ${cwd}`;
    return new HookToolError(message, { code: 'NOT_AVAILABLE', tool });
  }
  return failed(tool, `${tool} could not be started (${cause.code ?? 'unknown'})`);
}

function failed(tool: string, message: string): HookToolError {
  return new HookToolError(message, { code: 'FAILED', tool });
}
