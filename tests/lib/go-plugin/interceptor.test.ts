import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Interceptor, implement, RpcError } from '#lib/go-plugin';
import { collect, eventually, rejected, served } from './helpers.ts';
import { Tester } from './proto/tester_pb.ts';
import { tester } from './tester.ts';

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
