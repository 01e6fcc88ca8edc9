import assert from 'node:assert/strict';
import { createLogger } from '#lib/go-plugin';
import { type RemoteTraces, remoteTraces } from '../../../../lib/jaeger-storage/client/remote-traces.ts';
import { memoryStore } from '../../../../lib/jaeger-storage/memory/memory-store.ts';
import { serveTraceStorage } from '../../../../lib/jaeger-storage/server/trace-storage.ts';
import type { RequestContext, TracePart, TraceStore } from '../../../../lib/jaeger-storage/trace-store.ts';
import { all, context, encoded } from '../../../src/traces/traces.ts';

const [one, two] = ['5b8efff798038103d269b633813fc60c', 'abc'.padEnd(32, '0')];
const hex = ({ traceId }: { traceId: Uint8Array }) => Buffer.from(traceId).toString('hex');

/** A store, and the same seen from far away. */
async function served(
  work: (store: TraceStore, remote: RemoteTraces) => Promise<void>,
  { store = memoryStore(), tenants = false }: { store?: TraceStore; tenants?: boolean } = {},
): Promise<void> {
  const log = createLogger({ level: 'off' });
  const { addresses, stop } = await serveTraceStorage({
    traces: store,
    addresses: ['127.0.0.1:0'],
    log,
    tenancy: tenants ? {} : undefined,
  });
  const remote = remoteTraces({ address: addresses[0] ?? '' });
  try {
    await work(store, remote);
  } finally {
    await remote.close();
    await stop({ graceMs: 0 });
  }
}

suite('a store that is read by gRPC', () => {
  test('answers as it does by itself', async () => {
    await served(async (store, remote) => {
      await store.write(
        encoded(
          { traceId: one, startNs: 5_000_000_001n, service: 'a' },
          { traceId: two, startNs: 7_000_000_002n },
        ),
        context,
      );
      const flat = (parts: readonly TracePart[]) =>
        parts.map((part) => [hex(part), part.spans.map(({ format, bytes }) => [format, Buffer.from(bytes)])]);
      const query = { limit: 10 };
      assert.deepEqual(await remote.services(context), await store.services(context));
      assert.deepEqual(
        flat(await all(remote.findTraces(query, context))),
        flat(await all(store.findTraces(query, context))),
      );
      const ids = (await remote.findTraceIds(query, context)).map(hex);
      assert.deepEqual(ids, [two, one]);
      const wanted = [{ traceId: Buffer.from(two, 'hex') }];
      assert.deepEqual((await all(remote.traces(wanted, context))).map(hex), [two]);
    });
  });

  test('each part of a query arrives', async () => {
    await served(async (store, remote) => {
      const attributes = [{ key: 'k', value: { value: { case: 'stringValue', value: 'v' } } }] as never;
      await store.write(
        encoded(
          { traceId: one, service: 'a', name: 'x', startNs: 5_000_000_001n, durationNs: 3n },
          {
            traceId: two,
            service: 'b',
            name: 'y',
            startNs: 7_000_000_002n,
            durationNs: 9n,
            more: { attributes },
          },
        ),
        context,
      );
      const found = async (query: object) =>
        (await remote.findTraceIds({ limit: 10, ...query }, context)).map(hex);
      assert.deepEqual(await found({ service: 'a' }), [one]);
      assert.deepEqual(await found({ operation: 'y' }), [two]);
      assert.deepEqual(await found({ attributes: [{ key: 'k', value: 'v' }] }), [two]);
      assert.deepEqual(await found({ startMin: 5_000_000_002n }), [two]);
      assert.deepEqual(await found({ startMax: 7_000_000_001n }), [one]);
      assert.deepEqual(await found({ durationMin: 4n }), [two]);
      assert.deepEqual(await found({ durationMax: 8n }), [one]);
      assert.deepEqual(await found({ limit: 1 }), [two]);
    });
  });

  test('the tenant and the token go along', async () => {
    const seen: RequestContext[] = [];
    const store = memoryStore();
    const watching: TraceStore = {
      ...store,
      async services(asked) {
        seen.push(asked);
        return [];
      },
    };
    await served(
      async (_, remote) => {
        await remote.services({ ...context, tenant: 'acme', bearerToken: 'abc' });
        assert.deepEqual([seen[0]?.tenant, seen[0]?.bearerToken], ['acme', 'abc']);
        await assert.rejects(remote.services(context), {
          name: 'TraceStoreError',
          message: /UNAUTHENTICATED/,
        });
      },
      { store: watching, tenants: true },
    );
  });

  test('a stream that is left early leaves nothing open', async () => {
    await served(async (store, remote) => {
      await store.write(encoded({ traceId: one }, { traceId: two }), context);
      for await (const part of remote.findTraces({ limit: 10 }, context)) {
        assert.ok(part.spans.length > 0);
        break;
      }
      assert.equal((await remote.findTraceIds({ limit: 10 }, context)).length, 2);
    });
  });

  test('who does not want to wait any longer does not', async () => {
    const hanging: TraceStore = { ...memoryStore(), services: () => new Promise(() => {}) };
    await served(
      async (_, remote) => {
        const controller = new AbortController();
        const asked = remote.services({ ...context, signal: controller.signal });
        controller.abort();
        await assert.rejects(asked, { message: /CANCELLED/ });
      },
      { store: hanging },
    );
  });

  test('filters are refused, and a server that is away is named', async () => {
    const remote = remoteTraces({ address: '127.0.0.1:1' });
    try {
      const filter = { op: 'exists', subject: { level: 'span', name: 'x' } } as never;
      await assert.rejects(remote.findTraceIds({ limit: 1, filter }, context), { code: 'UNSUPPORTED' });
      await assert.rejects(remote.services(context), {
        code: 'BUSY',
        message: /trace server at 127\.0\.0\.1:1/,
      });
    } finally {
      await remote.close();
    }
  });
});
