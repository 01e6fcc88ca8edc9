import { writeSync } from 'node:fs';

export type OutputChannel = 'stdout' | 'stderr';

/** Takes a piece of what this process prints; copied, so that it may be kept. */
export type OutputSink = (channel: OutputChannel, bytes: Uint8Array) => void;

let held: Buffer[] | undefined;
let restoreHeld: (() => void) | undefined;

/**
 * A host reads the first line of standard output as the handshake, so that a module which prints while it is loaded
 * kills the start. Modules load before `serve` is called: what they print is held back from here on until then. Only
 * where a host has started this process, and nothing is lost where `serve` never comes.
 */
export function holdOutput(): void {
  if (held !== undefined) return;
  const pieces: Buffer[] = [];
  held = pieces;
  restoreHeld = divert(process.stdout, (bytes) => pieces.push(bytes));
  process.once('exit', () => {
    for (const bytes of held ?? []) writeFully(1, bytes);
  });
}

/**
 * From here on what is printed with `process.stdout` (so with `console.log`, too) goes to `sink` and nowhere else, and
 * what is printed with `process.stderr` goes to `sink` besides standard error.
 *
 * Standard error keeps both: hosts log what they find there, while many throw away what the stdio service brings. A
 * child process that inherits standard output writes past this, as Node can't point a descriptor elsewhere; hosts drop
 * what follows the handshake.
 * @returns undoes it
 */
export function divertOutput(sink: OutputSink): () => void {
  restoreHeld?.();
  restoreHeld = undefined;
  const early = held ?? [];
  held = undefined;
  const ignore = () => {};
  // Without a listener, a host that closed its end would end the plugin in the middle of its clean-up.
  process.stdout.on('error', ignore);
  process.stderr.on('error', ignore);
  const restoreStdout = divert(process.stdout, (bytes) => sink('stdout', bytes));
  const { stderr } = process;
  const writeStderr = stderr.write.bind(stderr);
  const restoreStderr = divert(stderr, (bytes) => {
    writeStderr(bytes);
    sink('stderr', bytes);
  });
  for (const bytes of early) sink('stdout', bytes);
  return () => {
    restoreStdout();
    restoreStderr();
  };
}

function divert(stream: NodeJS.WriteStream, take: (bytes: Buffer) => void): () => void {
  const original = stream.write;
  const replacement = (
    chunk: string | Uint8Array,
    second?: BufferEncoding | ((error?: Error) => void),
    third?: (error?: Error) => void,
  ): boolean => {
    const encoding = typeof second === 'string' ? second : 'utf8';
    const written = typeof second === 'function' ? second : third;
    take(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk));
    if (written !== undefined) process.nextTick(written);
    return true;
  };
  stream.write = replacement;
  return () => {
    if (stream.write === replacement) stream.write = original;
  };
}

/**
 * Writes all of it now, whatever state the streams of Node are in. A reader that is gone is no error: there is nobody
 * left who could be told of one.
 */
export function writeFully(descriptor: 1 | 2, text: string | Uint8Array): void {
  let rest: Uint8Array = typeof text === 'string' ? Buffer.from(text) : text;
  // A pipe that somebody made non-blocking is full for a moment; a reader that stands still is not waited for longer.
  let patienceMs = 1000;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || patienceMs <= 0) return;
      patienceMs -= 5;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
