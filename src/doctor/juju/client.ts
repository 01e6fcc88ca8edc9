import { spawn } from 'node:child_process';
import { UsageError } from '#src/local';

export interface ClientOptions {
  /** How long one call may take. */
  readonly timeoutMs: number;
  /** Most bytes that a call may print. */
  readonly limitBytes: number;
  /** Ends all calls. */
  readonly signal?: AbortSignal;
}

/** Juju refused, or can't be asked. The message says what to do, and is all that the user sees. */
export class JujuError extends UsageError {
  /** What Juju said, for whoever knows what else to do. */
  readonly said: string;
  constructor(message: string, said: string) {
    super(message);
    this.said = said;
  }
}

/**
 * Runs the `juju` client, which has to be logged in: it is asked for nothing and told nothing but `args`.
 * @returns what it printed, as JSON
 * @throws {JujuError} it is not there, refuses, takes too long or prints no JSON
 */
export async function juju(args: readonly string[], options: ClientOptions): Promise<unknown> {
  const command = `juju ${args.slice(0, 1).join(' ')}`;
  const { code, stdout, stderr, ended } = await run(args, options);
  if (ended !== undefined) throw new JujuError(`${command}: ${ended}`, stderr);
  if (code !== 0) throw refusal(command, code, stderr);
  try {
    // It prints nothing at all where there is nothing.
    return stdout.trim() === '' ? null : JSON.parse(stdout);
  } catch {
    throw new JujuError(`${command}: printed no JSON; is this the Juju client, 2.9 or later?`, stderr);
  }
}

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it was ended before it came to its end. */
  readonly ended: string | undefined;
}

function run(args: readonly string[], { timeoutMs, limitBytes, signal }: ClientOptions): Promise<Outcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  // Without a terminal to ask at, it says that it needs a login.
  const child = spawn('juju', args, { stdio: ['ignore', 'pipe', 'pipe'], ...(signal && { signal }) });
  const chunks: Buffer[] = [];
  let bytes = 0;
  let stderr = '';
  let ended: string | undefined;
  const end = (why: string) => {
    ended ??= why;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(() => {
    end(`no answer in ${timeoutMs / 1000} s; is the controller up? --timeout SECONDS waits longer`);
  }, timeoutMs);
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limitBytes) end(`prints more than ${limitBytes / 1024 / 1024} MiB`);
    else chunks.push(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = `${stderr}${text}`.slice(0, 100_000);
  });
  child.once('error', (error) => {
    clearTimeout(timer);
    reject(notStarted(error));
  });
  child.once('close', (code) => {
    clearTimeout(timer);
    resolve({ code, stdout: Buffer.concat(chunks).toString('utf8'), stderr, ended });
  });
  return promise;
}

function notStarted(error: Error): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ABORT_ERR') return new JujuError('interrupted', '');
  const other = 'or give --status FILE and --show-unit FILE, saved elsewhere';
  if (code === 'ENOENT') {
    return new JujuError(
      `no juju command on this machine: install it (sudo snap install juju), ${other}`,
      '',
    );
  }
  return new JujuError(`juju can't be started: ${error.message}; mend that, ${other}`, '');
}

/** What to do about what Juju says. The first that fits counts. */
const remedies: readonly (readonly [said: RegExp, remedy: string])[] = [
  [
    /no controllers? registered|no selected controller|not logged in to any/i,
    'run juju register or juju bootstrap',
  ],
  [/log ?in|not logged|password|macaroon|unauthenticated/i, 'run juju login'],
  [/no selected model|no model in focus|no current model/i, 'name it with --model, or run juju switch'],
  [/model .*not found|not found.*model/i, 'see juju models for the names'],
  [/controller .*not found/i, 'see juju controllers for the names'],
  [
    /permission denied|unauthorized|not authorized/i,
    'ask an administrator of the model: juju grant USER read MODEL',
  ],
  [
    /unable to connect|connection refused|no such host|i\/o timeout|dial tcp/i,
    'see that the controller is up and can be reached',
  ],
];

function refusal(command: string, code: number | null, stderr: string): JujuError {
  const lines = stderr.split('\n').map((line) => line.replace(/\p{Cc}+/gu, ' ').trim());
  const said = (lines.find((line) => line.startsWith('ERROR')) ?? lines.find(Boolean) ?? '').slice(0, 300);
  const [, remedy] = remedies.find(([pattern]) => pattern.test(stderr)) ?? [];
  const what = said === '' ? `ended with ${code}` : said.replace(/^ERROR /, '');
  return new JujuError(`${command}: ${what}${remedy === undefined ? '' : `; ${remedy}`}`, stderr);
}
