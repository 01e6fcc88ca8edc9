import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Call, implement, RpcError } from '#lib/go-plugin';
import { eventually, rejected, served } from './helpers.ts';
import { Tester } from './proto/tester_pb.ts';

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
      // The server's clock alone: a client that counts too may be the first to give up, which is a cancellation.
      const metadata = { 'grpc-timeout': '200m' };
      await assert.rejects(client.echo({}, { metadata }), rejected('DEADLINE_EXCEEDED', /./));
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
