import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Call, type Interceptor, implement, RpcError } from '#lib/go-plugin';
import { eventually, served } from './helpers.ts';
import { Tester } from './proto/tester_pb.ts';
import { tester } from './tester.ts';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const rejected = (code: string, message: string | RegExp) => (error: unknown) => {
  assert.ok(error instanceof RpcError, String(error));
  assert.equal(error.code, code);
  if (typeof message === 'string') assert.equal(error.message, message);
  else assert.match(error.message, message);
  return true;
};

suite('a served service', () => {
  test('answers each of the four kinds of methods', () =>
    served(Tester, tester(), async ({ client }) => {
      const data = Uint8Array.of(0, 127, 255);
      const echo = await client.echo({ text: 'grüße', number: 2 ** 32 - 1, data });
      assert.deepEqual([echo.text, echo.number, echo.data], ['grüße', 2 ** 32 - 1, data]);
      assert.equal(
        Object.getPrototypeOf(echo.data),
        Uint8Array.prototype,
        'no Buffer, which is another type',
      );
      assert.deepEqual(
        (await collect(client.count({ number: 3 }))).map(({ number }) => number),
        [0, 1, 2],
      );
      const sum = await client.sum([{ text: 'a' }, { text: 'b' }]);
      assert.deepEqual([sum.number, sum.text], [2, 'ab']);
      const mirrored = await collect(client.mirror([{ text: 'a' }, { text: 'b' }]));
      assert.deepEqual(
        mirrored.map(({ text }) => text),
        ['a', 'b'],
      );
    }));

  test('answers UNIMPLEMENTED for what is not there', () =>
    served(Tester, implement(Tester, {}), async ({ client }) => {
      await assert.rejects(client.echo({}), rejected('UNIMPLEMENTED', /Echo/));
      await assert.rejects(collect(client.count({})), rejected('UNIMPLEMENTED', /Count/));
    }));

  test('calls methods of an object on it', async () => {
    class Counting {
      #calls = 0;
      echo() {
        return { number: ++this.#calls };
      }
    }
    await served(Tester, implement(Tester, new Counting()), async ({ client }) => {
      await client.echo({});
      assert.equal((await client.echo({})).number, 2);
    });
  });

  test('refuses to serve the same service twice', async () => {
    const { addServices, newServer } = await import('../../../lib/go-plugin/grpc-server.ts');
    const { Lines } = await import('./helpers.ts');
    assert.throws(
      () => addServices(newServer({}), [tester(), tester()], { log: new Lines().log }),
      /crosslink.test.Tester is served twice/,
    );
  });

  test('tells what a call is', async () => {
    const seen: unknown[] = [];
    const service = implement(Tester, {
      echo(_request, { service, method, kind, metadata, deadline }) {
        seen.push(
          service,
          method,
          kind,
          metadata.get('X-Name'),
          metadata.getAll('x-name'),
          metadata.get('x-none'),
        );
        seen.push(
          metadata.getBinary('x-raw-bin'),
          metadata.getBinary('x-name'),
          metadata.names().includes('x-name'),
        );
        seen.push(deadline instanceof Date && Math.round((deadline.getTime() - Date.now()) / 60_000));
        return {};
      },
    });
    await served(Tester, service, async ({ client }) => {
      const metadata = { 'x-name': 'v', 'x-raw-bin': Uint8Array.of(1, 2) };
      await client.echo({}, { metadata, deadline: new Date(Date.now() + 600_000) });
    });
    const raw = Uint8Array.of(1, 2);
    assert.deepEqual(seen, [
      'crosslink.test.Tester',
      'Echo',
      'unary',
      'v',
      ['v'],
      undefined,
      raw,
      undefined,
      true,
      10,
    ]);
  });
});

suite('errors of a method', () => {
  test('an RpcError is answered as it is, with its details', () =>
    served(Tester, tester(), async ({ client, lines }) => {
      await assert.rejects(client.fail({ text: 'rpc' }), rejected('NOT_FOUND', 'as asked'));
      assert.deepEqual(lines.entries, [], 'it is an answer, nothing that went wrong');
    }));

  for (const thrown of [new Error('boom'), 'boom', { toString: () => 'boom' }]) {
    test(`what else is thrown is UNKNOWN, and logged with its stack: ${typeof thrown}`, async () => {
      const service = implement(Tester, {
        echo() {
          throw thrown;
        },
        sum: async () => Promise.reject(thrown),
        // biome-ignore lint/correctness/useYield: it fails before
        async *count() {
          throw thrown;
        },
      });
      await served(Tester, service, async ({ client, lines }) => {
        await assert.rejects(client.echo({}), rejected('UNKNOWN', 'boom'));
        await assert.rejects(client.sum([]), rejected('UNKNOWN', 'boom'));
        await assert.rejects(collect(client.count({})), rejected('UNKNOWN', 'boom'));
        const errors = lines.at('error');
        assert.deepEqual(
          errors.map(({ method }) => method),
          ['Echo', 'Sum', 'Count'],
        );
        if (thrown instanceof Error) assert.match(String(errors[0]?.stack), /service\.test\.ts/);
      });
    });
  }

  test('an answer that is no message of its type says which field is wrong', async () => {
    const service = implement(Tester, { echo: () => ({ number: 1.5 }) });
    await served(Tester, service, async ({ client }) => {
      await assert.rejects(
        client.echo({}),
        rejected('UNKNOWN', 'crosslink.test.Blob.number: 1.5 is no unsigned 32-bit integer'),
      );
    });
  });

  test('what was sent before a stream fails arrives', async () => {
    const service = implement(Tester, {
      async *count() {
        yield { number: 1 };
        throw new RpcError('ABORTED', 'enough');
      },
    });
    await served(Tester, service, async ({ client }) => {
      const got: number[] = [];
      await assert.rejects(
        async () => {
          for await (const { number } of client.count({})) got.push(number);
        },
        rejected('ABORTED', 'enough'),
      );
      assert.deepEqual(got, [1]);
    });
  });

  test('messages that no header can hold are made fit', async () => {
    const service = implement(Tester, {
      echo({ text }) {
        throw new Error(text === 'long' ? 'ü'.repeat(1_000_000) : `line\nhalf a character \ud800 100 %`);
      },
    });
    await served(Tester, service, async ({ client }) => {
      await assert.rejects(client.echo({}), rejected('UNKNOWN', 'line\nhalf a character \ufffd 100 %'));
      await assert.rejects(client.echo({ text: 'long' }), rejected('UNKNOWN', /^ü{500,} \[cut\]$/));
    });
  });
});

suite('the signal of a call', () => {
  /** A method that waits for its signal, and the reason that it saw. */
  function waiting() {
    const seen: unknown[] = [];
    let started = false;
    const wait = (_request: unknown, { signal }: Call) =>
      new Promise<never>((_resolve, reject) => {
        started = true;
        signal.addEventListener('abort', () => {
          seen.push(signal.reason);
          reject(signal.reason);
        });
      });
    return { seen, service: implement(Tester, { echo: wait }), started: () => started };
  }

  test('is aborted when the client cancels', async () => {
    const { seen, service, started } = waiting();
    await served(Tester, service, async ({ client, lines }) => {
      const controller = new AbortController();
      const answer = client.echo({}, { signal: controller.signal });
      await eventually('the call', started);
      controller.abort();
      await assert.rejects(answer, rejected('CANCELLED', /./));
      await eventually('the abort', () => seen.length === 1);
      rejected('CANCELLED', /cancelled/)(seen[0]);
      assert.deepEqual(lines.at('error'), []);
    });
  });

  // Node's own guard would end the connection after a thousand, with every call that it has.
  test('a host may cancel as many calls as it likes, and the others go on', async () => {
    let begun = 0;
    const service = implement(Tester, {
      echo: ({ text }, { signal }) =>
        text === 'now'
          ? { text }
          : new Promise((_, reject) => {
              begun += 1;
              signal.addEventListener('abort', () => reject(signal.reason));
            }),
    });
    await served(Tester, service, async ({ client }) => {
      for (let round = 1; round <= 4; round++) {
        const controller = new AbortController();
        const answers = Array.from({ length: 500 }, () => client.echo({}, { signal: controller.signal }));
        await eventually('the calls', () => begun === round * 500);
        controller.abort();
        const results = await Promise.allSettled(answers);
        assert.ok(results.every(({ status }) => status === 'rejected'));
      }
      assert.equal((await client.echo({ text: 'now' })).text, 'now');
    });
  });

  test('is aborted when the deadline passes', async () => {
    const { seen, service } = waiting();
    await served(Tester, service, async ({ client }) => {
      const deadline = new Date(Date.now() + 200);
      await assert.rejects(client.echo({}, { deadline }), rejected('DEADLINE_EXCEEDED', /./));
      await eventually('the abort', () => seen.length === 1);
      rejected('DEADLINE_EXCEEDED', /./)(seen[0]);
    });
  });

  test('is aborted when the server stops', async () => {
    const { seen, service, started } = waiting();
    await served(Tester, service, async ({ client, stop }) => {
      const answer = client.echo({});
      await eventually('the call', started);
      stop();
      await assert.rejects(answer, (error) => error instanceof RpcError);
      await eventually('the abort', () => seen.length === 1);
    });
  });

  test('is not aborted by the end of the method', async () => {
    let signal: AbortSignal | undefined;
    const service = implement(Tester, {
      echo(_request, call) {
        signal = call.signal;
        return {};
      },
    });
    await served(Tester, service, async ({ client }) => {
      await client.echo({});
      await client.echo({});
      await sleep(20);
      assert.equal(signal?.aborted, false);
    });
  });
});

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
      const reader = client.count({}, { deadline: new Date(Date.now() + 300) })[Symbol.asyncIterator]();
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

suite('interceptors', () => {
  test('wrap every kind of call, the first outermost, and see how it ends', async () => {
    const seen: string[] = [];
    const noting =
      (name: string): Interceptor =>
      async ({ method }, run) => {
        seen.push(`${name} before ${method}`);
        await run().then(
          () => seen.push(`${name} after ${method}`),
          (error) => {
            seen.push(`${name} ${error.message} ${method}`);
            throw error;
          },
        );
      };
    const interceptors = [noting('outer'), noting('inner')];
    await served(
      Tester,
      tester(),
      async ({ client }) => {
        await client.echo({});
        await collect(client.count({ number: 2 }));
        await assert.rejects(client.fail({ text: 'boom' }), rejected('UNKNOWN', 'boom'));
      },
      { interceptors },
    );
    const around = (method: string, end: string) => [
      ...[
        `outer before ${method}`,
        `inner before ${method}`,
        `inner ${end} ${method}`,
        `outer ${end} ${method}`,
      ],
    ];
    assert.deepEqual(seen, [
      ...around('Echo', 'after'),
      ...around('Count', 'after'),
      ...around('Fail', 'boom'),
    ]);
  });

  test('give methods and their generators an async context', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const service = implement(Tester, {
      async echo() {
        await sleep(1);
        seen.push(storage.getStore());
        return {};
      },
      async *count() {
        try {
          for (let number = 0; ; number++) {
            seen.push(storage.getStore());
            yield { number };
            await sleep(1);
          }
        } finally {
          seen.push(storage.getStore());
        }
      },
    });
    const interceptors: Interceptor[] = [({ method }, run) => storage.run(method, run)];
    await served(
      Tester,
      service,
      async ({ client }) => {
        await client.echo({});
        for await (const { number } of client.count({})) if (number === 2) break;
        await eventually('the end of the generator', () => seen.length >= 5);
        await sleep(10);
        assert.deepEqual(new Set(seen.slice(1)), new Set(['Count']));
        assert.equal(seen[0], 'Echo');
      },
      { interceptors },
    );
  });

  test('may answer with another error, and cannot hide one', async () => {
    const interceptors: Interceptor[] = [
      async ({ metadata }, run) => {
        const wish = metadata.get('wish');
        if (wish === 'skip') return;
        await run().catch((error) => {
          if (wish === 'swallow') return;
          throw new RpcError('PERMISSION_DENIED', `in place of ${error.message}`);
        });
      },
    ];
    await served(
      Tester,
      tester(),
      async ({ client }) => {
        const wish = (name: string) => ({ metadata: { wish: name } });
        await assert.rejects(
          client.fail({ text: 'boom' }),
          rejected('PERMISSION_DENIED', 'in place of boom'),
        );
        await assert.rejects(client.fail({ text: 'boom' }, wish('swallow')), rejected('UNKNOWN', 'boom'));
        await assert.rejects(
          client.echo({}, wish('skip')),
          rejected('INTERNAL', /without running or failing/),
        );
      },
      { interceptors },
    );
  });
});

suite('limits', () => {
  test('requests above the limit are refused, answers have none', () =>
    served(
      Tester,
      tester(),
      async ({ client }) => {
        await assert.rejects(
          client.echo({ data: new Uint8Array(2000) }),
          rejected('RESOURCE_EXHAUSTED', /./),
        );
        const [blob] = await collect(client.count({ number: 1, data: new Uint8Array(500) }));
        assert.equal(blob?.data.length, 500);
      },
      { maxReceiveMessageBytes: 1000 },
    ));

  test('an answer of 50 MB arrives whole', async () => {
    const data = new Uint8Array(50_000_000).fill(7);
    await served(Tester, implement(Tester, { echo: () => ({ data }) }), async ({ client }) => {
      const answer = await client.echo({});
      assert.ok(Buffer.from(data).equals(answer.data));
    });
  });
});
