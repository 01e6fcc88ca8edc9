import assert from 'node:assert/strict';
import { as, encode, NOON, SECOND, type SpanSpec, traceIdOf } from '../fixtures.ts';
import { assertSameSpans } from '../read-back.ts';
import { type ContractGroup, collectAll, collected } from '../trial.ts';

const SERVICE = 'a-service';
const idsOf = (found: readonly { readonly traceId: string }[]) => found.map(({ traceId }) => traceId).sort();

export const writing: ContractGroup = {
  name: 'writing',
  cases: [
    {
      id: 'U10',
      title: 'the same batch once more changes nothing',
      async run(trial) {
        const spans: SpanSpec[] = [
          { attributes: { a: 1n } },
          { spanId: '2', parentId: '1', service: 'other' },
        ];
        for (let time = 0; time < 3; time++) await trial.write(spans);
        await trial.assertTrace('1', spans);
        assert.deepEqual(await trial.store.dependencies({}, as('')), [
          { parent: SERVICE, child: 'other', callCount: 1n },
        ]);
        // Nor does one of its spans alone, or twice in one batch.
        await trial.write([spans[1] as SpanSpec, spans[1] as SpanSpec]);
        await trial.assertTrace('1', spans);
      },
    },
    {
      id: 'U11',
      title: 'a batch of several traces, resources and scopes is told apart',
      async run(trial) {
        const spans: SpanSpec[] = ['1', '2', '1', '3', '2', '1'].map((traceId, index) => ({
          traceId,
          spanId: String(index + 1),
          service: index % 2 === 0 ? SERVICE : 'other',
          resource: { host: `host-${index % 3}` },
          scope: { name: `scope-${index % 2}`, version: '1' },
        }));
        await trial.write(spans);
        for (const id of ['1', '2', '3']) {
          await trial.assertTrace(
            id,
            spans.filter(({ traceId }) => traceId === id),
          );
        }
        assert.deepEqual(idsOf(await trial.find({ service: 'other' })), ['1', '2', '3']);
      },
    },
    {
      id: 'U12',
      title: 'a trace grows with every batch, and is found by what came last',
      async run(trial) {
        const spans: SpanSpec[] = [];
        for (let index = 1; index <= 20; index++) {
          const span: SpanSpec = {
            spanId: index.toString(16),
            name: `step ${index}`,
            start: NOON - BigInt(index) * SECOND,
          };
          spans.push(span);
          await trial.write([span, { ...span, traceId: '2' }]);
          await trial.assertTrace('1', spans);
          assert.deepEqual(idsOf(await trial.find({ service: SERVICE, operation: `step ${index}` })), [
            '1',
            '2',
          ]);
        }
      },
    },
    {
      id: 'U13',
      title: 'a trace of spans in both formats is read whole, and found by either',
      async run(trial) {
        const one: SpanSpec = { spanId: '1', service: 'one', attributes: { a: 'one', number: 1.5 } };
        const two: SpanSpec = {
          spanId: '2',
          parentId: '1',
          service: 'two',
          attributes: { a: 'two' },
          kind: 'server',
        };
        await trial.write([one], { format: 'otlp' });
        await trial.write([two], { format: 'jaeger' });
        const [found, ...others] = await trial.read(['1']);
        assert.deepEqual(others, []);
        assertSameSpans(found?.spans ?? [], [encode('otlp', [one]), encode('jaeger', [two])]);
        for (const { service = '' } of [one, two]) {
          const [byService] = await trial.find({ service, attributes: [{ key: 'a', value: service }] });
          assertSameSpans(byService?.spans ?? [], found?.spans ?? []);
        }
        assert.deepEqual(await trial.ids({ service: 'one', attributes: [{ key: 'a', value: 'two' }] }), []);
        assert.deepEqual(await trial.store.services(as('')), ['one', 'two']);
      },
    },
    {
      id: 'U14',
      title: 'bytes that are no spans are refused, and nothing of them is kept',
      needs: ['answers'],
      async run(trial) {
        const { format, bytes } = trial.encode([{}, { traceId: '2' }]);
        for (const broken of [
          bytes.slice(0, -1),
          Uint8Array.of(...bytes, 10, 5, 1),
          Uint8Array.of(255, 255, 255),
        ]) {
          await assert.rejects(trial.store.write({ format, bytes: broken }, as('')), {
            name: 'TraceStoreError',
            code: 'INVALID',
          });
        }
        assert.deepEqual(await trial.read(['1', '2']), []);
        assert.deepEqual(await trial.store.services(as('')), []);
      },
    },
    {
      id: 'U15',
      title: 'spans that can not be kept are counted, and the others kept',
      needs: ['answers'],
      async run(trial) {
        const { accepted, rejected, reason } = await trial.write([{ traceId: '0' }, {}, { traceId: '0' }]);
        assert.deepEqual({ accepted, rejected }, { accepted: 1, rejected: 2 });
        assert.match(reason ?? '', /trace id/);
        await trial.assertTrace('1', [{}]);
        const again = await trial.write([{}, { spanId: '2' }]);
        assert.deepEqual(again, { accepted: 2, rejected: 0 });
        assert.deepEqual(await trial.store.write(trial.encode([]), as('')), { accepted: 0, rejected: 0 });
      },
    },
    {
      id: 'U16',
      title: 'a span whose id is zero is kept',
      async run(trial) {
        const spans: SpanSpec[] = [{ spanId: '0' }, { spanId: '0', name: 'other' }];
        await trial.write(spans);
        await trial.assertTrace('1', spans);
        assert.deepEqual(await trial.ids({ service: SERVICE, operation: 'other' }), ['1']);
      },
    },
    {
      id: 'U17',
      title: 'the bytes are the caller’s again after the write',
      async run(trial) {
        const batch = trial.encode([{ attributes: { a: 'first' } }]);
        await trial.store.write(batch, as(''));
        batch.bytes.fill(0);
        await trial.assertTrace('1', [{ attributes: { a: 'first' } }]);
        assert.deepEqual(await trial.ids({ service: SERVICE, attributes: [{ key: 'a', value: 'first' }] }), [
          '1',
        ]);
      },
    },
    {
      id: 'U18',
      title: 'writers and readers do not get in each other’s way: what was accepted is there at once',
      async run(trial) {
        const written = new Map<string, SpanSpec[]>();
        const writer = async (number: number) => {
          const traceId = (number + 1).toString(16);
          for (let index = 1; index <= 25; index++) {
            const span: SpanSpec = { traceId, spanId: index.toString(16), service: `service-${number % 3}` };
            await trial.write([span]);
            written.set(traceId, [...(written.get(traceId) ?? []), span]);
            if (index % 5 === 0) await trial.assertTrace(traceId, written.get(traceId) ?? []);
          }
        };
        const reader = async () => {
          for (let time = 0; time < 20; time++) {
            const before = [...written]
              .filter(([, [first]]) => first?.service === 'service-1')
              .map(([traceId]) => traceId);
            const found = idsOf(await trial.find({ service: 'service-1' }));
            for (const traceId of before) assert.ok(found.includes(traceId), `trace ${traceId} is not found`);
          }
        };
        await Promise.all([...Array.from({ length: 12 }, (_, number) => writer(number)), reader(), reader()]);
        for (const [traceId, spans] of written) await trial.assertTrace(traceId, spans);
        assert.deepEqual(await trial.store.services(as('')), ['service-0', 'service-1', 'service-2']);
      },
    },
    {
      id: 'U20',
      title: 'tenants see nothing of each other, and no tenant is one too',
      needs: ['tenants'],
      async run(trial) {
        const specs = (tenant: string): readonly SpanSpec[] => [
          { service: `of ${tenant}`, name: `does ${tenant}`, attributes: { tenant } },
          { service: `also of ${tenant}`, spanId: '2', parentId: '1' },
        ];
        const tenants = ['', 'a', 'b', 'A', 'a/b', '../a', 'é'];
        for (const tenant of tenants) await trial.write(specs(tenant), { tenant });
        for (const tenant of tenants) {
          const own = specs(tenant);
          await trial.assertTrace('1', own, tenant);
          assert.deepEqual(await trial.store.services(as(tenant)), [`also of ${tenant}`, `of ${tenant}`]);
          for (const other of tenants) {
            const isOwn = other === tenant;
            const query = { service: `of ${other}`, attributes: [{ key: 'tenant', value: other }] };
            assert.deepEqual(await trial.ids(query, tenant), isOwn ? ['1'] : []);
            const operations = await trial.store.operations({ service: `of ${other}` }, as(tenant));
            assert.equal(operations.length, isOwn ? 1 : 0);
          }
          assert.deepEqual(await trial.store.dependencies({}, as(tenant)), [
            { parent: `of ${tenant}`, child: `also of ${tenant}`, callCount: 1n },
          ]);
        }
        assert.deepEqual(await trial.read(['1'], 'nobody'), []);
        assert.deepEqual(await trial.store.services(as('nobody')), []);
      },
    },
    {
      id: 'U21',
      title: 'a trace of more than 4 MiB comes back whole',
      async run(trial) {
        const spans = Array.from(
          { length: 24 },
          (_, index): SpanSpec => ({
            spanId: (index + 1).toString(16),
            attributes: { big: `${index}`.padEnd(200_000, 'x') },
          }),
        );
        for (let at = 0; at < spans.length; at += 8) await trial.write(spans.slice(at, at + 8));
        await trial.assertTrace('1', spans);
        const [found] = await trial.find({ service: SERVICE });
        trial.assertSpans(found, spans);
      },
    },
    {
      id: 'U22',
      title: 'a closed store says so',
      needs: ['close'],
      async run({ store }) {
        await store.close();
        const closed = { name: 'TraceStoreError', code: 'CLOSED' };
        const query = { service: SERVICE, limit: 1 };
        await assert.rejects(store.write(encode('otlp', [{}]), as('')), closed);
        await assert.rejects(store.services(as('')), closed);
        await assert.rejects(store.operations({ service: SERVICE }, as('')), closed);
        await assert.rejects(store.dependencies({}, as('')), closed);
        await assert.rejects(store.findTraceIds(query, as('')), closed);
        await assert.rejects(collectAll(store.findTraces(query, as(''))), closed);
        await assert.rejects(collectAll(store.traces([{ traceId: traceIdOf('1') }], as(''))), closed);
        // Once more does no harm.
        await store.close();
      },
    },
    {
      id: 'U23',
      title: 'who does not wait any more gets no answer',
      needs: ['abort'],
      async run(trial) {
        await trial.write([{}]);
        const context = { tenant: '', signal: AbortSignal.abort() };
        await assert.rejects(collectAll(trial.store.findTraces({ service: SERVICE, limit: 1 }, context)));
        await assert.rejects(trial.store.services(context));
      },
    },
    {
      id: 'U24',
      title: 'a stream that is ended early leaves the store as it was',
      async run(trial) {
        await trial.write(['1', '2', '3'].map((traceId) => ({ traceId })));
        for (let time = 0; time < 20; time++) {
          for await (const part of trial.store.findTraces({ service: SERVICE, limit: 10 }, as(''))) {
            assert.equal(part.traceId.length, 16);
            break;
          }
        }
        assert.equal((await trial.find({ service: SERVICE })).length, 3);
        await trial.write([{ traceId: '4' }]);
        assert.equal((await trial.find({ service: SERVICE })).length, 4);
      },
    },
    {
      id: 'U25',
      title: 'a trace asked for twice is given once, with the times it is thought to be at or without',
      async run(trial) {
        const spans: SpanSpec[] = [{}, { spanId: '2', start: NOON + 7200n * SECOND }];
        await trial.write(spans);
        const wanted = [
          { traceId: traceIdOf('1') },
          { traceId: traceIdOf('1'), startMin: NOON, startMax: NOON + SECOND },
        ];
        for (const references of [wanted, wanted.slice(1)]) {
          const found = await collected(trial.store.traces(references, as('')));
          assert.equal(found.length, 1);
          trial.assertSpans(found[0], spans);
        }
        assert.deepEqual(await collected(trial.store.traces([], as(''))), []);
      },
    },
  ],
};
