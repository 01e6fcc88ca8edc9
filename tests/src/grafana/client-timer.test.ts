import assert from 'node:assert/strict';
import type { After, Fetch, GrafanaClientOptions } from '#src/grafana';
import { grafanaClient } from '#src/grafana';
import { failure } from './client-harness.ts';

suite('Grafana client by a timer of its caller', () => {
  const client = (options: Partial<GrafanaClientOptions>) =>
    grafanaClient({ url: 'http://grafana', auth: { kind: 'bearer', token: 't' }, ...options });

  const hangs: Fetch = (_url, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

  const answers: Fetch = async () => ({
    status: 200,
    headers: new Headers(),
    body: new Blob(['{"id":1,"name":"Main Org."}']).stream(),
  });

  test('the deadline of an attempt is an hour away, and over without waiting', async () => {
    const asked: number[] = [];
    const after: After = (ms, run) => {
      asked.push(ms);
      queueMicrotask(run);
      return () => undefined;
    };
    const error = await failure(client({ fetch: hangs, timeoutMs: 3_600_000, after }).org());
    assert.equal(error.code, 'TIMEOUT');
    assert.deepEqual(asked, [3_600_000]);
  });

  for (const [what, fetch] of Object.entries({
    'an answer': answers,
    'a broken connection': () => Promise.reject(new Error('broken')),
  })) {
    test(`${what} takes the deadline back`, async () => {
      const pending = new Set<() => void>();
      const after: After = (_ms, run) => {
        pending.add(run);
        return () => pending.delete(run);
      };
      await client({ fetch, after, retries: 0 })
        .org()
        .catch(() => undefined);
      assert.equal(pending.size, 0);
    });
  }

  test('pauses are of the same timer', async () => {
    const pauses: number[] = [];
    const after: After = (ms, run) => {
      if (ms !== 10_000) {
        pauses.push(ms);
        queueMicrotask(run);
      }
      return () => undefined;
    };
    let breaks = 2;
    const fetch: Fetch = async (url, init) => {
      if (breaks-- > 0) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      return answers(url, init);
    };
    assert.equal((await client({ fetch, after }).org()).id, 1);
    assert.deepEqual(pauses, [250, 500]);
  });
});
