import { tmpdir } from 'node:os';
import { divertOutput, type OutputSink, writeFully } from './output.ts';

/** All that serving does to this process and learns from it. Tests pass their own. */
export interface Effects {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly pid: number;
  /** Where sockets go unless the host says otherwise. */
  readonly temporaryDirectory: string;
  /** The process that started this one, as it is now: it changes when that one ends. */
  parent(): number;
  isAlive(pid: number): boolean;
  /** Writes to the real standard output, where nothing but the handshake may go. */
  printHandshake(line: string): void;
  /** Writes to the real standard error. */
  printError(text: string): void;
  /** Sends what the program prints to `sink`; what it returns undoes that. */
  divertOutput(sink: OutputSink): () => void;
  onSignal(signal: NodeJS.Signals, listener: () => void): () => void;
  /** Takes what nobody has caught, and so keeps the process alive. */
  onUncaught(listener: (error: unknown, origin: string) => void): () => void;
  /** Runs right before the process ends, whoever ends it; nothing asynchronous is waited for. */
  onExit(listener: () => void): () => void;
  exit(code: number): void;
  /** Unix milliseconds */
  now(): number;
  /** Calls again and again, without keeping the process alive. */
  every(intervalMs: number, listener: () => void): () => void;
}

export function processEffects(): Effects {
  // biome-ignore lint/suspicious/noExplicitAny: as Node types the listeners of a process
  const on = (event: string, listener: (...values: any[]) => void) => {
    process.on(event, listener);
    return () => void process.off(event, listener);
  };
  return {
    env: process.env,
    platform: process.platform,
    pid: process.pid,
    temporaryDirectory: tmpdir(),
    parent: () => process.ppid,
    isAlive: (pid) => {
      try {
        return process.kill(pid, 0);
      } catch (error) {
        // It is there, and belongs to somebody else.
        return (error as NodeJS.ErrnoException).code === 'EPERM';
      }
    },
    printHandshake: (line) => writeFully(1, line),
    printError: (text) => writeFully(2, text),
    divertOutput,
    onSignal: on,
    // Rejections that nobody handles arrive here as well, with an origin of their own.
    onUncaught: (listener) => on('uncaughtException', listener),
    onExit: (listener) => on('exit', listener),
    exit: (code) => process.exit(code),
    now: Date.now,
    every: (intervalMs, listener) => {
      const timer = setInterval(listener, intervalMs).unref();
      return () => clearInterval(timer);
    },
  };
}
