import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Server } from '@grpc/grpc-js';
import { useFakeTimers } from 'sinon';
import { keepUntilSent } from '../../../lib/go-plugin/keep-until-sent.ts';

/** As far as Node's are used here. What really goes wrong without this takes a busy machine: tests/interop/go has that. */
class Stream extends EventEmitter {
  destroyed = false;
  closed = false;
  readonly written: ((error?: Error | null) => void)[] = [];

  write(_chunk: Uint8Array, written: (error?: Error | null) => void): boolean {
    this.written.push(written);
    return true;
  }

  /** Node says of each write that it went well, and only then that the stream is closed. */
  reset(): void {
    this.destroyed = true;
    for (const written of this.written) written();
    this.emit('close');
  }
}

class Session extends EventEmitter {
  destroyed = false;
  closed = false;
  takesPings = true;
  readonly pings: (() => void)[] = [];

  ping(answered: () => void): boolean {
    if (this.takesPings) this.pings.push(answered);
    return this.takesPings;
  }
}

const large = 64 * 1024;
const nothing = () => {};

suite('what a stream writes', () => {
  const opened = () => {
    const http2Server = new EventEmitter();
    keepUntilSent({ http2Servers: new Map([[http2Server, {}]]) } as unknown as Server);
    const session = new Session();
    http2Server.emit('session', session);
    const next = () => {
      const stream = new Stream();
      session.emit('stream', stream);
      return stream;
    };
    return { session, next };
  };

  test('is kept when the stream is reset, until a ping behind it is answered', async () => {
    const { session, next } = opened();
    const kept = writeAndReset(next(), large);
    assert.equal(session.pings.length, 1);
    assert.equal(await isCollected(kept), false);
    session.pings.pop()?.();
    assert.equal(await isCollected(kept), true);
  });

  test('of one reset after the ping waits for the next', async () => {
    const { session, next } = opened();
    const first = writeAndReset(next(), large);
    const second = writeAndReset(next(), large);
    assert.equal(session.pings.length, 1, 'one at a time: a connection takes few');
    session.pings.pop()?.();
    assert.equal(session.pings.length, 1);
    assert.deepEqual([await isCollected(first), await isCollected(second)], [true, false]);
    session.pings.pop()?.();
    assert.equal(await isCollected(second), true);
  });

  test('is asked about again where the connection takes no ping', () => {
    const clock = useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const { session, next } = opened();
      session.takesPings = false;
      writeAndReset(next(), large);
      session.takesPings = true;
      clock.tick(1_000);
      assert.equal(session.pings.length, 1);
    } finally {
      clock.restore();
    }
  });

  for (const [what, use] of Object.entries<(stream: Stream) => void>({
    'is sent': (stream) => {
      stream.write(new Uint8Array(large), nothing);
      stream.written.pop()?.();
      stream.closed = true;
      stream.emit('close');
    },
    'is small': (stream) => {
      stream.write(new Uint8Array(100), nothing);
      stream.reset();
    },
  })) {
    test(`needs nothing when it ${what}`, () => {
      const { session, next } = opened();
      use(next());
      assert.equal(session.pings.length, 0);
    });
  }

  test('is told to whoever wrote it as ever', () => {
    const { next } = opened();
    const stream = next();
    const told: unknown[] = [];
    stream.write(new Uint8Array(large), (error) => told.push(error));
    const failure = new Error('gone');
    stream.written[0]?.(failure);
    assert.deepEqual(told, [failure]);
  });

  test('is nobody’s any more when the connection is gone', async () => {
    const { session, next } = opened();
    session.destroyed = true;
    assert.equal(await isCollected(writeAndReset(next(), large)), true);
    assert.equal(session.pings.length, 0);
  });
});

function writeAndReset(stream: Stream, bytes: number): WeakRef<Uint8Array> {
  const chunk = new Uint8Array(bytes);
  stream.write(chunk, nothing);
  stream.reset();
  return new WeakRef(chunk);
}

async function isCollected(kept: WeakRef<Uint8Array>): Promise<boolean> {
  setFlagsFromString('--expose-gc');
  const gc: () => void = runInNewContext('gc');
  for (let i = 0; i < 3; i++) {
    // What a WeakRef was asked for lives on to the end of the turn.
    await new Promise(setImmediate);
    gc();
  }
  return kept.deref() === undefined;
}
