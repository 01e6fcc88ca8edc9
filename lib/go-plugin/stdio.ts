import type { OutputChannel } from './output.ts';
import { GRPCStdio, StdioData_Channel } from './proto/stdio_pb.ts';
import { implement, type Service } from './service.ts';

/** How much printed output waits for a host that does not read. */
const bufferLimitBytes = 256 * 1024;
/** Most bytes in one message. */
const chunkBytes = 16 * 1024;

/**
 * What the plugin has printed and the host has not read yet. Printing never waits: where the host does not read, or
 * slower than is printed, the oldest output is dropped and a line in its place says how much that was.
 */
export class PrintedOutput {
  readonly #chunks: { channel: OutputChannel; bytes: Uint8Array }[] = [];
  #waitingBytes = 0;
  #droppedBytes = 0;
  #wake: (() => void) | undefined;

  add(channel: OutputChannel, bytes: Uint8Array): void {
    // No more than the limit can be kept of one piece either.
    const kept = bytes.length > bufferLimitBytes ? bytes.subarray(bytes.length - bufferLimitBytes) : bytes;
    this.#droppedBytes += bytes.length - kept.length;
    const last = this.#chunks.at(-1);
    if (last?.channel === channel && last.bytes.length + kept.length <= chunkBytes) {
      // Many small pieces would each cost more than they hold.
      last.bytes = Buffer.concat([last.bytes, kept]);
    } else {
      for (let at = 0; at < kept.length; at += chunkBytes) {
        this.#chunks.push({ channel, bytes: kept.subarray(at, at + chunkBytes) });
      }
    }
    this.#waitingBytes += kept.length;
    while (this.#waitingBytes > bufferLimitBytes) {
      const length = this.#chunks.shift()?.bytes.length ?? 0;
      this.#waitingBytes -= length;
      this.#droppedBytes += length;
    }
    this.#wake?.();
  }

  /** What comes, piece by piece, until the signal is aborted. */
  async *read(signal: AbortSignal): AsyncGenerator<{ channel: OutputChannel; bytes: Uint8Array }> {
    // Its own: another host may be reading as well.
    let wake: (() => void) | undefined;
    const onAbort = () => wake?.();
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        if (this.#droppedBytes > 0) {
          const bytes = Buffer.from(
            `[${this.#droppedBytes} bytes of output were dropped: nobody read them]\n`,
          );
          this.#droppedBytes = 0;
          yield { channel: 'stderr', bytes };
        }
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          this.#waitingBytes -= chunk.bytes.length;
          yield chunk;
          continue;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
          this.#wake = resolve;
        });
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}

/** go-plugin's service that brings the host what a plugin prints. A host opens it once. */
export function stdioService(output: PrintedOutput): Service {
  return implement(GRPCStdio, {
    async *streamStdio(_request, call) {
      for await (const { channel, bytes } of output.read(call.signal)) {
        yield {
          channel: channel === 'stdout' ? StdioData_Channel.STDOUT : StdioData_Channel.STDERR,
          data: bytes,
        };
      }
    },
  });
}
