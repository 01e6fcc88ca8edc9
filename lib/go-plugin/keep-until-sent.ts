import type { Http2Server, Http2Session, ServerHttp2Stream } from 'node:http2';
import type { Server } from '@grpc/grpc-js';

/** Smaller ones lie among others, in memory that stays the process's when they are let go. */
const ownMemoryBytes = 16 * 1024;
/** Where a connection takes no ping now. */
const retryMs = 1_000;

/**
 * Keeps what a server writes in memory until it is sent, also when the client has cancelled the call meanwhile.
 *
 * Node does not: of a stream that is reset it lets go what was written, and the socket may be in the middle of it. Once
 * that memory has gone back to the system, the socket's write fails, nobody is told, and the rest of a frame never
 * comes: the host waits for it, and takes every later answer on its one connection for the missing bytes. (Node 26:
 * src/node_http2.cc, OnSendData hands the socket slices that hold nothing. Seen with 3 MB packets, cancelled while the
 * machine was busy.)
 *
 * grpc-js keeps its servers of node:http2 in a member of its own; where that is gone one day, this does nothing.
 */
export function keepUntilSent(server: Server): void {
  const servers: unknown = Reflect.get(server, 'http2Servers');
  if (!(servers instanceof Map)) return;
  for (const http2Server of servers.keys() as Iterable<Http2Server>) {
    http2Server.on('session', (session) => {
      const kept = new KeptMemory(session);
      // Before grpc-js sees the stream, and writes to it.
      session.prependListener('stream', (stream: ServerHttp2Stream) => keepWrites(stream, kept));
    });
  }
}

function keepWrites(stream: ServerHttp2Stream, kept: KeptMemory): void {
  const writing = new Set<Uint8Array>();
  const write: (chunk: Uint8Array, written: (error?: Error | null) => void) => boolean =
    stream.write.bind(stream);
  // As grpc-js calls it: bytes, and what to call when they are on their way.
  Object.assign(stream, {
    write(chunk: Uint8Array, written: (error?: Error | null) => void): boolean {
      if (chunk.byteLength < ownMemoryBytes) return write(chunk, written);
      if (writing.size === 0) stream.once('close', closed);
      writing.add(chunk);
      return write(chunk, (error) => {
        // Of a stream that was reset, writes are said to have gone well that are only half on their way.
        const isSent = !error && !stream.destroyed && !stream.closed;
        if (isSent && writing.delete(chunk) && writing.size === 0) stream.off('close', closed);
        written(error);
      });
    },
  });
  const closed = () => kept.add(writing);
}

/** Of one connection: what is left of streams that are closed. */
class KeptMemory {
  readonly #session: Http2Session;
  #added = new Set<Uint8Array>();
  #isAsking = false;

  constructor(session: Http2Session) {
    this.#session = session;
  }

  add(chunks: Iterable<Uint8Array>): void {
    for (const chunk of chunks) this.#added.add(chunk);
    if (!this.#isAsking) this.#ask();
  }

  /** A ping goes out behind all that is there to be sent. When it is answered, that has arrived. */
  #ask(): void {
    if (this.#session.destroyed || this.#session.closed) {
      this.#added.clear();
      return;
    }
    const asked = this.#added;
    this.#added = new Set();
    this.#isAsking = true;
    const again = () => {
      asked.clear();
      this.#isAsking = false;
      if (this.#added.size > 0) this.#ask();
    };
    const isAsked = this.#session.ping(again);
    if (isAsked) return;
    for (const chunk of asked) this.#added.add(chunk);
    setTimeout(() => this.#ask(), retryMs).unref();
  }
}
