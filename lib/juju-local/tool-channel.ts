import { closeSync, constants, openSync, readFileSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { type ChannelContext, type ChannelRequest, type HookChannel, wrongContext } from './hook-channel.ts';
import { needsStdin, type ToolReply } from './run-hook-tool.ts';
import { replySlots, requestFifo } from './tool-client.ts';
import { makeFifos } from './unit-directory.ts';

interface Pending {
  readonly contextId: string;
  readonly request: ChannelRequest;
}

/** A reply line up to this many bytes is read by the shell itself; longer output goes through files. */
const maxInlineBytes = 2000;

/**
 * The agent's side of the hook tools' FIFOs (their side is in tool-client.ts): one per unit, open as long as the
 * unit, so that a tool that outlives its hook gets an answer and never hangs. Requests are served one after the
 * other in order of arrival.
 */
export class ToolChannel implements HookChannel {
  readonly kind = 'processes';
  readonly #run: string;
  readonly #socket: Socket;
  #context: ChannelContext | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #queue: Promise<void> = Promise.resolve();
  readonly #awaitsStdin = new Map<string, Pending>();
  /** Reply slots in use. */
  readonly #busy = new Set<string>();

  /** @param run - a directory with the FIFOs in it */
  constructor(run: string) {
    this.#run = run;
    // Open for writing too: the FIFO then never ends, and opening it does not wait for a first tool.
    const fd = openSync(join(run, requestFifo), constants.O_RDWR | constants.O_NONBLOCK);
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.on('data', (bytes) => this.#receive(typeof bytes === 'string' ? Buffer.from(bytes) : bytes));
    // Nothing is lost with the channel but a tool's answer, and hooks have a time limit.
    this.#socket.on('error', () => this.close());
    this.#socket.unref();
  }

  begin(context: ChannelContext): void {
    this.#context = context;
  }

  /** Waits for tools that are being served, and takes reply FIFOs of killed tools out of use. */
  async end(): Promise<void> {
    this.#context = undefined;
    await this.#queue;
    const lost = [...this.#busy];
    this.#busy.clear();
    this.#awaitsStdin.clear();
    // A tool may still be there, in the background. It keeps the old FIFO; whoever comes next gets a new one.
    for (const slot of lost) this.#discard(`reply.${slot}`);
    const again = lost.filter((slot) => isShared(slot));
    if (again.length > 0) await makeFifos(again.map((slot) => join(this.#run, `reply.${slot}`)));
    for (const slot of lost) this.#discard(`lock.${slot}`);
  }

  close(): void {
    this.#context = undefined;
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    for (let record = this.#takeRecord(); record; record = this.#takeRecord()) this.#handle(record);
  }

  /** slot, context, directory, tool, count of arguments or `file`, arguments */
  #takeRecord(): string[] | undefined {
    const fields: string[] = [];
    let start = 0;
    for (let wanted = 5; fields.length < wanted; ) {
      const end = this.#rest.indexOf(0, start);
      if (end < 0) return undefined;
      fields.push(this.#rest.toString('utf8', start, end));
      start = end + 1;
      if (fields.length === 5) wanted += Number(fields[4]) || 0;
    }
    this.#rest = this.#rest.subarray(start);
    return fields;
  }

  #handle([slot = '', contextId = '', directory = '', tool = '', count = '', ...args]: string[]): void {
    if (!/^[0-9]+$/.test(slot)) return;
    if (tool === 'done') {
      this.#release(slot);
      return;
    }
    if (tool === 'stdin') {
      const pending = this.#awaitsStdin.get(slot);
      this.#awaitsStdin.delete(slot);
      if (!pending) return;
      const stdin = this.#take(`stdin.${slot}`);
      this.#serve(slot, { ...pending, request: { ...pending.request, stdin } });
      return;
    }
    this.#busy.add(slot);
    const [dir = '', id = '', ...rest] =
      count === 'file'
        ? this.#take(`args.${slot}`).split('\0').slice(0, -1)
        : [directory, contextId, ...args];
    const pending = { contextId: id, request: { name: tool, args: rest, stdin: undefined, directory: dir } };
    if (needsStdin(pending.request)) {
      this.#awaitsStdin.set(slot, pending);
      this.#write(slot, 'stdin . .\n');
    } else this.#serve(slot, pending);
  }

  #serve(slot: string, { contextId, request }: Pending): void {
    this.#queue = this.#queue.then(async () => {
      const context = this.#context;
      this.#reply(
        slot,
        context?.id === contextId
          ? await context.serve(request).catch((error: unknown) => bad(String(error)))
          : bad(wrongContext(contextId)),
      );
    });
  }

  #reply(slot: string, { code, stdout, stderr }: ToolReply): void {
    const fields = (['stdout', 'stderr'] as const).map((name) => {
      const text = name === 'stdout' ? stdout : stderr;
      if (text.length <= maxInlineBytes) return `.${printfFormat(text)}`;
      writeFileSync(join(this.#run, `${name}.${slot}`), text, { mode: 0o600 });
      return '@';
    });
    this.#write(slot, `${code} ${fields.join(' ')}\n`);
  }

  #write(slot: string, line: string): void {
    try {
      // Not blocking: without a reader the tool was killed, and nobody waits for this.
      const fd = openSync(join(this.#run, `reply.${slot}`), constants.O_WRONLY | constants.O_NONBLOCK);
      try {
        writeSync(fd, line);
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  #release(slot: string): void {
    this.#busy.delete(slot);
    this.#discard(isShared(slot) ? `lock.${slot}` : `reply.${slot}`);
  }

  /** @returns the file's text, and removes the file: it may hold secrets */
  #take(name: string): string {
    const path = join(this.#run, name);
    const text = readFileSync(path, 'utf8');
    unlinkSync(path);
    return text;
  }

  #discard(name: string): void {
    try {
      unlinkSync(join(this.#run, name));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}

function isShared(slot: string): boolean {
  return replySlots.some((shared) => shared === slot);
}

function bad(message: string): ToolReply {
  return { code: 1, stdout: '', stderr: `ERROR ${message}\n` };
}

function isGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ENOENT', 'ENXIO', 'EPIPE', 'EAGAIN'].includes(String(error.code))
  );
}

/** Escapes for the format of printf(1): one line without spaces, `%` or a leading hyphen. */
function printfFormat(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replace(
      /[^A-Za-z0-9_.,:;/{}[\]"=+@]/g,
      (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`,
    );
}
