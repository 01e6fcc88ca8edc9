import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { implement } from '#lib/go-plugin';
import { eventually, rejected, served } from './helpers.ts';
import { Tester } from './proto/tester_pb.ts';

suite('a stream that answers', () => {
  test('waits for a slow reader', async () => {
    const size = 1024 * 1024;
    let made = 0;
    const service = implement(Tester, {
      async *count() {
        for (;;) {
          made++;
          yield { data: new Uint8Array(size), number: made };
        }
      },
    });
    await served(Tester, service, async ({ client }) => {
      const reader = client.count({})[Symbol.asyncIterator]();
      assert.equal((await reader.next()).value?.number, 1);
      await sleep(500);
      // What the sockets and the reader's own buffer hold, and one message that waits here.
      assert.ok(made < 40, `${made} messages of 1 MiB were made for a reader that stands still`);
      assert.equal((await reader.next()).value?.number, 2);
      await reader.return?.();
    });
  });

  test('is closed when the client cancels, also where it waits for room', async () => {
    const closed: string[] = [];
    const service = implement(Tester, {
      async *count({ text, data }) {
        try {
          for (let number = 0; ; number++) {
            yield { number, data };
            await new Promise(setImmediate);
          }
        } finally {
          await sleep(1);
          closed.push(text);
        }
      },
    });
    await served(Tester, service, async ({ client }) => {
      for await (const { number } of client.count({ text: 'small' })) if (number === 3) break;
      const large = client.count({ text: 'large', data: new Uint8Array(1 << 20) })[Symbol.asyncIterator]();
      await large.next();
      await sleep(100);
      await large.return?.();
      await eventually('both to be closed', () => closed.length === 2);
      assert.deepEqual(closed.toSorted(), ['large', 'small']);
    });
  });

  test('is closed when its deadline passes while nobody reads', async () => {
    let closed = false;
    const service = implement(Tester, {
      async *count() {
        try {
          for (;;) yield { data: new Uint8Array(1 << 20) };
        } finally {
          closed = true;
        }
      },
    });
    await served(Tester, service, async ({ client }) => {
      const reader = client.count({}, { deadline: new Date(Date.now() + 2_000) })[Symbol.asyncIterator]();
      await reader.next();
      await eventually('the end of the generator', () => closed);
      await assert.rejects(
        async () => {
          while (!(await reader.next()).done);
        },
        rejected('DEADLINE_EXCEEDED', /./),
      );
    });
  });

  test('is told by its signal while it waits for something of its own', async () => {
    let reason: unknown;
    const service = implement(Tester, {
      async *count(_request, { signal }) {
        yield {};
        try {
          await sleep(60_000, undefined, { signal });
        } catch (error) {
          reason = signal.reason;
          throw error;
        }
      },
    });
    await served(Tester, service, async ({ client, lines }) => {
      for await (const _ of client.count({})) break;
      await eventually('the abort', () => reason !== undefined);
      rejected('CANCELLED', /./)(reason);
      await sleep(10);
      assert.deepEqual(lines.at('error'), []);
    });
  });

  test('may reuse its buffer once it goes on', async () => {
    const service = implement(Tester, {
      async *count({ number }) {
        const data = new Uint8Array(20_000);
        for (let at = 0; at < number; at++) yield { data: data.fill(at) };
      },
    });
    await served(Tester, service, async ({ client }) => {
      let at = 0;
      for await (const { data } of client.count({ number: 200 })) {
        assert.ok(
          data.every((byte) => byte === at),
          `message ${at} holds ${data[0]}`,
        );
        at++;
      }
      assert.equal(at, 200);
    });
  });

  test('may answer before it has read everything', async () => {
    const service = implement(Tester, {
      async sum(blobs) {
        for await (const { text } of blobs) return { text };
        return {};
      },
    });
    await served(Tester, service, async ({ client }) => {
      assert.equal((await client.sum([{ text: 'first' }, { text: 'second' }])).text, 'first');
    });
  });

  test('sees the cancellation in what it reads, too', async () => {
    let error: unknown;
    const service = implement(Tester, {
      async *mirror(blobs) {
        try {
          yield* blobs;
        } catch (caught) {
          error = caught;
          throw caught;
        }
      },
    });
    await served(Tester, service, async ({ client }) => {
      const never = (async function* () {
        yield {};
        await sleep(60_000, undefined, { ref: false });
      })();
      for await (const _ of client.mirror(never)) break;
      await eventually('the error', () => error !== undefined);
      rejected('CANCELLED', /./)(error);
    });
  });
});
