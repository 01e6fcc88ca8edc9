import assert from 'node:assert/strict';
import { implement, RpcError } from '#lib/go-plugin';
import { collect, rejected, served } from './helpers.ts';
import { Tester } from './proto/tester_pb.ts';
import { tester } from './tester.ts';

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
