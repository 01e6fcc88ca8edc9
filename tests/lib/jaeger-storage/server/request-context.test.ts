import assert from 'node:assert/strict';
import { fromBinary } from '@bufbuild/protobuf';
import { GetServicesResponseSchema } from '../../../../lib/jaeger-storage/proto/trace_storage_pb.ts';
import type { RequestContext } from '../../../../lib/jaeger-storage/trace-store.ts';
import { rejected } from '../../go-plugin/helpers.ts';
import { encode } from '../contract/fixtures.ts';
import { clientStream, type RawOptions, serverStream, unary } from '../grpc/raw-calls.ts';
import { EXPORT, WRITE_SPAN, WRITE_SPAN_STREAM } from '../grpc/remote-store.ts';
import { type Serving, served } from '../grpc/serving.ts';
import { storeWith } from '../grpc/store-with.ts';

const GET_SERVICES = '/jaeger.storage.v2.TraceReader/GetServices';

const services = async ({ connection }: Serving, metadata: NonNullable<RawOptions['metadata']> = {}) =>
  fromBinary(GetServicesResponseSchema, await unary(connection, GET_SERVICES, new Uint8Array(), { metadata }))
    .services;

/** The contexts that a store was asked in. */
function recording() {
  const contexts: RequestContext[] = [];
  const traces = storeWith({
    async services(context) {
      contexts.push(context);
      return [];
    },
  });
  return { contexts, traces };
}

suite('the tenant of a call', () => {
  test("is '' where there is no tenancy, whatever the header says", async () => {
    const { contexts, traces } = recording();
    await served({ traces }, async (serving) => {
      await services(serving, { 'x-tenant': 'a' });
      assert.equal(contexts[0]?.tenant, '');
    });
  });

  test('is what the header says, which may have another name', async () => {
    const { contexts, traces } = recording();
    await served({ traces, tenancy: { header: 'X-Scope-OrgID' } }, async (serving) => {
      await services(serving, { 'x-scope-orgid': 'a' });
      assert.equal(contexts[0]?.tenant, 'a');
    });
  });

  const tenancy = { tenants: ['a', 'b', 'c, d'] };
  for (const [what, values, code, message] of [
    ['none', [], 'UNAUTHENTICATED', 'missing tenant header'],
    ['an empty one', [''], 'UNAUTHENTICATED', 'missing tenant header'],
    ['one that is not known', ['x'], 'PERMISSION_DENIED', 'unknown tenant'],
    ['two', ['a', 'b'], 'PERMISSION_DENIED', 'extra tenant header'],
    ['the same twice', ['a', 'a'], 'PERMISSION_DENIED', 'extra tenant header'],
  ] as const) {
    test(`${what}: every call is refused`, () =>
      served({ tenancy, streaming: true }, async ({ connection }) => {
        const options = { metadata: { 'x-tenant': values } };
        const refused = rejected(code, message);
        const span = encode('jaeger', [{}]).bytes;
        await assert.rejects(unary(connection, GET_SERVICES, new Uint8Array(), options), refused);
        await assert.rejects(unary(connection, EXPORT, encode('otlp', [{}]).bytes, options), refused);
        await assert.rejects(unary(connection, WRITE_SPAN, span, options), refused);
        await assert.rejects(clientStream(connection, WRITE_SPAN_STREAM, options).end(), refused);
        for (const path of ['v1.SpanReaderPlugin/FindTraces', 'v2.TraceReader/FindTraces']) {
          // A query without anything.
          const found = serverStream(connection, `/jaeger.storage.${path}`, Uint8Array.of(10, 0), options);
          await assert.rejects(found.next(), refused);
        }
      }));
  }

  test('may be any where none are named', () =>
    served({ tenancy: {} }, async (serving) => {
      const write = (tenant: string) =>
        unary(serving.connection, EXPORT, encode('otlp', [{ service: `of ${tenant}` }]).bytes, {
          metadata: { 'x-tenant': tenant },
        });
      await write('a');
      await write('b');
      assert.deepEqual(await services(serving, { 'x-tenant': 'a' }), ['of a']);
      assert.deepEqual(await services(serving, { 'x-tenant': 'b' }), ['of b']);
      assert.deepEqual(await services(serving, { 'x-tenant': 'c' }), []);
    }));

  test('that is known may have a comma in its name', async () => {
    const { contexts, traces } = recording();
    await served({ traces, tenancy }, async (serving) => {
      await services(serving, { 'x-tenant': 'c, d' });
      assert.equal(contexts[0]?.tenant, 'c, d');
    });
  });
});

suite('the bearer token of a call', () => {
  test('reaches the store', async () => {
    const { contexts, traces } = recording();
    await served({ traces }, async (serving) => {
      await services(serving, { 'bearer.token': 'secret' });
      await services(serving);
      assert.deepEqual(
        contexts.map(({ bearerToken }) => bearerToken),
        ['secret', undefined],
      );
      assert.ok(!JSON.stringify(serving.lines.entries).includes('secret'));
    });
  });

  test('is one, or the call is refused', () =>
    served({}, async (serving) => {
      await assert.rejects(
        services(serving, { 'bearer.token': ['one', 'two'] }),
        rejected('UNAUTHENTICATED', 'malformed token: multiple tokens found'),
      );
    }));
});

test('the signal of a call is aborted when its client leaves', async () => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<AbortSignal>();
  const traces = storeWith({
    async services({ signal }) {
      ask(signal);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      return [];
    },
  });
  await served({ traces }, async ({ connection }) => {
    const { signal, abort } = (() => {
      const controller = new AbortController();
      return { signal: controller.signal, abort: () => controller.abort() };
    })();
    const call = unary(connection, GET_SERVICES, new Uint8Array(), { signal });
    const seen = await asked;
    abort();
    await assert.rejects(call, rejected('CANCELLED', /./));
    if (!seen.aborted) await new Promise((resolve) => seen.addEventListener('abort', resolve));
  });
});
