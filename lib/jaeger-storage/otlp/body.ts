import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { Refusal } from './refusal.ts';

type Inflate = (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;

/** By the name of the encoding. Zstandard came with Node 22.15. */
const inflates: ReadonlyMap<string, Inflate> = new Map<string, Inflate>([
  ['gzip', promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.gunzip)],
  ['x-gzip', promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.gunzip)],
  ['deflate', promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.inflate)],
  ...(typeof zlib.zstdDecompress === 'function'
    ? [['zstd', promisify<Uint8Array, zlib.ZstdOptions, Uint8Array>(zlib.zstdDecompress)] as const]
    : []),
]);

/** Bytes of all bodies that are being read or written at one time. */
export class Room {
  readonly #limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** A body that is larger than all of it has room where nothing else is. */
  take(bytes: number): boolean {
    if (this.#usedBytes > 0 && this.#usedBytes + bytes > this.#limitBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}

/** A request's body, as long as somebody holds it. */
export interface HeldBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** It counts no more. */
  release(): void;
}

/**
 * Reads a body, and inflates it.
 * @param limitBytes - of the body as it came, and of what it is inflated
 * @throws {Refusal} 413: it is larger; 415: in an encoding that is not known; 400: not in the one that it says; 429: too
 *   much at one time; 408: its sender has gone
 */
export async function readBody(request: IncomingMessage, limitBytes: number, room: Room): Promise<HeldBody> {
  const inflate = inflateOf(request.headers['content-encoding']);
  let held = 0;
  const hold = (bytes: number) => {
    if (!room.take(bytes)) {
      throw new Refusal(429, 'too much at one time', { retryAfter: 1, closes: true });
    }
    held += bytes;
  };
  try {
    const sent = await received(request, limitBytes, hold);
    const bytes = inflate === undefined ? sent : await inflated(sent, inflate, limitBytes);
    if (bytes.length > held) hold(bytes.length - held);
    return { bytes, release: () => room.give(held) };
  } catch (error) {
    room.give(held);
    throw error;
  }
}

/** @returns undefined where it is not compressed */
function inflateOf(header: string | undefined): Inflate | undefined {
  const name = (header ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '') return undefined;
  const inflate = inflates.get(name);
  if (inflate !== undefined) return inflate;
  const known = [...inflates.keys()].filter((one) => one !== 'x-gzip').join(', ');
  throw new Refusal(415, `the encoding '${name.slice(0, 50)}' is not known; known are ${known}`, {
    closes: true,
    headers: { 'accept-encoding': known },
  });
}

async function received(
  request: IncomingMessage,
  limitBytes: number,
  hold: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  // Said beforehand, nothing has to be read.
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    // Left early, a request would take its connection along, and the answer with it.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      length += chunk.length;
      if (length > limitBytes) throw tooLarge(limitBytes);
      hold(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(408, 'the body did not come to its end', { closes: true, cause: error });
  }
  return joined(chunks, length);
}

/** In memory of its own, which a store may hand on to a thread. */
function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

async function inflated(
  sent: Uint8Array<ArrayBuffer>,
  inflate: Inflate,
  limitBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await inflate(sent, { maxOutputLength: limitBytes }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limitBytes, false);
    throw new Refusal(400, 'the body is not compressed as Content-Encoding says', { cause: error });
  }
}

function tooLarge(limitBytes: number, closes = true): Refusal {
  return new Refusal(413, `the body is larger than ${limitBytes} bytes; send fewer spans at once`, {
    closes,
  });
}
