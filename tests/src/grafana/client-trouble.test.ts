import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GrafanaApiErrorCode } from '#src/grafana';
import { ClientHarness, failure, tempo } from './client-harness.ts';

suite('Grafana client in trouble', () => {
  let harness: ClientHarness;

  setup(async () => {
    harness = await ClientHarness.start();
  });
  teardown(() => harness.grafana.stop());

  suite('trouble', () => {
    const answers: [
      what: string,
      answer: { status: number; headers?: Record<string, string>; body?: string },
      GrafanaApiErrorCode,
    ][] = [
      ['HTML', { status: 200, body: '<!doctype html><title>Welcome' }, 'MISCONFIGURED'],
      ['an empty answer', { status: 200 }, 'MISCONFIGURED'],
      ['JSON of another form', { status: 200, body: '{"hello":"world"}' }, 'MISCONFIGURED'],
      ['JSON cut short', { status: 200, body: '[{"id":1' }, 'MISCONFIGURED'],
      [
        'a redirect',
        { status: 302, headers: { location: 'https://sso.example.com/?token=abc' } },
        'MISCONFIGURED',
      ],
      ['a permanent redirect', { status: 308, headers: { location: '/grafana/' } }, 'MISCONFIGURED'],
      ['404 in HTML', { status: 404, body: '<h1>404</h1>' }, 'MISCONFIGURED'],
      ['404 in JSON', { status: 404, body: '{"message":"Not found"}' }, 'MISCONFIGURED'],
      ['405 in text', { status: 405, body: 'no' }, 'MISCONFIGURED'],
      ['407', { status: 407 }, 'MISCONFIGURED'],
      ['401 in HTML', { status: 401, body: '<h1>login</h1>' }, 'UNAUTHORIZED'],
      ['403 of the quota', { status: 403, body: '{"message":"data_source Quota reached"}' }, 'QUOTA'],
      ['403 in HTML', { status: 403, body: '<h1>Forbidden</h1>' }, 'MISCONFIGURED'],
      ['403', { status: 403, body: '{"message":"no"}' }, 'FORBIDDEN'],
      ['412 in JSON', { status: 412, body: '{"message":"no"}' }, 'REJECTED'],
      ['408', { status: 408 }, 'UNAVAILABLE'],
      ['429', { status: 429 }, 'UNAVAILABLE'],
      ['500 in JSON', { status: 500, body: '{"message":"Failed to query datasources"}' }, 'UNAVAILABLE'],
      ['502 in HTML', { status: 502, body: '<h1>bad gateway</h1>' }, 'UNAVAILABLE'],
    ];
    for (const [what, answer, code] of answers) {
      test(`${what} is ${code}`, async () => {
        harness.grafana.misbehave({ answer });
        const error = await failure(harness.client().listDatasources());
        assert.deepEqual([error.code, error.status, error.outcomeUnknown], [code, answer.status, false]);
        assert.deepEqual([error.method, error.path], ['GET', '/api/datasources']);
        assert.match(error.remedy, /^[a-z].{5,110}$/);
        assert.doesNotMatch(error.remedy, /sso\.example\.com|abc/);
      });
    }

    test('a slow answer is TIMEOUT, and not asked for again', async () => {
      harness.grafana.misbehave({ slowMs: 60_000 });
      const error = await failure(harness.client({ timeoutMs: 20 }).org());
      assert.deepEqual([error.code, error.fixedBy, harness.pauses.length], ['TIMEOUT', 'time', 0]);
    });

    test('a slow Grafana is asked nothing more when the time for all calls is over', async () => {
      let nowMs = 1_000_000;
      harness.grafana.misbehave({
        before: () => {
          nowMs += 9_000;
        },
      });
      const client = harness.client({ budgetMs: 20_000, clock: () => nowMs });
      // What has begun is done
      for (let call = 0; call < 3; call += 1) await client.org();
      const asked = harness.grafana.requests.length;
      const error = await failure(client.createDatasource(tempo));
      assert.deepEqual([error.code, error.fixedBy, error.outcomeUnknown], ['TIMEOUT', 'time', false]);
      assert.match(error.remedy, /^wait for the next hook .* 20 s$/);
      assert.equal(harness.grafana.requests.length, asked);
    });

    test('no pause goes beyond the time for all calls: what made it necessary is the error', async () => {
      harness.grafana.misbehave({ answer: { status: 429, headers: { 'retry-after': '3' } } });
      const error = await failure(harness.client({ budgetMs: 2_000, clock: () => 0 }).org());
      assert.deepEqual([error.code, error.status, harness.pauses], ['UNAVAILABLE', 429, []]);
    });

    test('a body that never ends is TIMEOUT', async () => {
      const body = async function* (signal: AbortSignal) {
        yield '[';
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
      };
      const error = await failure(
        harness
          .client({
            timeoutMs: 20,
            fetch: async (_url, { signal }) => ({ status: 200, headers: new Headers(), body: body(signal) }),
          })
          .listDatasources(),
      );
      assert.equal(error.code, 'TIMEOUT');
    });

    test('a body without bounds is not read', async () => {
      harness.grafana.misbehave({ answer: { status: 200, body: `[${' '.repeat(2000)}]` } });
      assert.deepEqual(await harness.client({ limitBytes: 2002 }).listDatasources(), []);
      assert.equal(
        (await failure(harness.client({ limitBytes: 2001 }).listDatasources())).code,
        'MISCONFIGURED',
      );
    });

    test('nobody listening is UNREACHABLE', async () => {
      await harness.grafana.stop();
      const error = await failure(harness.client().org());
      assert.deepEqual([error.code, error.fixedBy], ['UNREACHABLE', 'time']);
      assert.match(error.remedy, /ECONNREFUSED/);
      assert.ok(error.cause instanceof Error);
    });

    test('a certificate that nobody vouches for is MISCONFIGURED', async () => {
      const cause = Object.assign(new Error('self-signed certificate'), {
        code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      });
      const error = await failure(harness.client({ fetch: () => Promise.reject(cause) }).org());
      assert.deepEqual([error.code, error.fixedBy, harness.pauses], ['MISCONFIGURED', 'operator', []]);
    });
  });

  suite('retries', () => {
    test('a read is tried again while connections break, later each time', async () => {
      harness.grafana.misbehave({ drop: true, times: 2 });
      assert.equal((await harness.client().org()).id, 1);
      assert.deepEqual(harness.pauses, [250, 500]);
    });

    test('a read is tried again after a 5xx, no more often than told', async () => {
      harness.grafana.misbehave({ status: 502 });
      await failure(harness.client({ retries: 3 }).org());
      assert.equal(harness.grafana.requests.length, 4);
      assert.deepEqual(harness.pauses, [250, 500, 1000]);
    });

    test('a read waits as long as Retry-After says, in seconds or as a date', async () => {
      const now = Date.UTC(2026, 0, 1);
      const at = new Date(now + 2000).toUTCString();
      harness.grafana.misbehave({ times: 1, answer: { status: 429, headers: { 'retry-after': '3' } } });
      harness.grafana.misbehave({ times: 1, answer: { status: 503, headers: { 'retry-after': at } } });
      await harness.client({ clock: () => now }).org();
      assert.deepEqual(harness.pauses, [3000, 2000]);
    });

    test('a read gives up rather than wait for minutes', async () => {
      harness.grafana.misbehave({ answer: { status: 429, headers: { 'retry-after': '600' } } });
      assert.equal((await failure(harness.client().org())).code, 'UNAVAILABLE');
      assert.deepEqual(harness.pauses, []);
    });

    test('no read is tried again after a 4xx', async () => {
      harness.grafana.misbehave({ status: 401 });
      await failure(harness.client().org());
      assert.equal(harness.grafana.requests.length, 1);
    });

    const writes = {
      POST: () => harness.client().createDatasource({ ...tempo, name: 'new', uid: 'new' }),
      PUT: () => harness.client().updateDatasource(tempo.uid, { ...tempo, version: 1 }),
      DELETE: () => harness.client().deleteDatasource(tempo.uid),
    };
    for (const [method, write] of Object.entries(writes)) {
      for (const fault of [{ status: 500 }, { status: 429 }, { drop: true }, { drop: true, applied: true }]) {
        test(`${method} is sent once, whatever comes of it: ${JSON.stringify(fault)}`, async () => {
          await harness.client().createDatasource(tempo);
          harness.grafana.clearRequests();
          harness.grafana.misbehave(fault);
          const error = await failure(write());
          assert.equal(harness.grafana.writes.length, 1);
          assert.equal(error.outcomeUnknown, fault.status !== 429);
        });
      }

      test(`${method} is sent again when nobody listened`, async () => {
        let refusals = 0;
        const refuse = async () => {
          refusals += 1;
          throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
        };
        const unreached = harness.client({ fetch: refuse });
        const again = {
          POST: () => unreached.createDatasource(tempo),
          PUT: () => unreached.updateDatasource(tempo.uid, { ...tempo, version: 1 }),
          DELETE: () => unreached.deleteDatasource(tempo.uid),
        };
        const error = await failure(again[method as keyof typeof again]());
        assert.deepEqual([refusals, error.code, error.outcomeUnknown], [3, 'UNREACHABLE', false]);
      });
    }

    test('reads share a connection, a write gets one of its own', async () => {
      const ports: (number | undefined)[] = [];
      const server = createServer((request, response) => {
        ports.push(request.socket.remotePort);
        response.end('{"id":1,"name":"Main Org."}');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const other = harness.client({ url: `http://127.0.0.1:${port}` });
      for (const call of [() => other.org(), () => other.org(), () => other.deleteDatasource('a')]) {
        await call();
        // An agent takes a connection back only after the answer was read to its end.
        await new Promise((resolve) => setImmediate(resolve));
      }
      server.closeAllConnections();
      server.close();
      assert.equal(ports[0], ports[1]);
      assert.notEqual(ports[1], ports[2]);
    });
  });
});
