import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { type Jaeger, newSpan, type OtlpSpan } from './jaeger.ts';

/** A call of one service by another, of which the latter has failed. */
export function call(): readonly [OtlpSpan, OtlpSpan] {
  const client = newSpan({
    ...{ service: 'shop', name: 'buy', kind: 3, durationMs: 120 },
    attributes: { 'order.id': { intValue: '9007199254740993' }, price: { doubleValue: 72.5 } },
  });
  const server = newSpan({
    ...{ service: 'stock', name: 'take', kind: 2, durationMs: 50, isError: true },
    ...{ traceId: client.traceId, parentSpanId: client.spanId },
    attributes: { gone: { boolValue: true }, text: { stringValue: 'ein Ünïcode' } },
  });
  return [client, server];
}

const Link = z.object({ parent: z.string(), child: z.string(), callCount: z.number() });

/**
 * What both Jaegers answer alike, through the API of their UI.
 * @param empty - leaves the storage with nothing in it
 */
export function answersQueries(jaeger: () => Jaeger, empty: () => Promise<void>): void {
  setup(empty);

  test("what Jaeger's generator has written is found, all of it", async () => {
    await jaeger().tracegen(
      '-traces',
      '30',
      '-spans',
      '9',
      '-services',
      '3',
      '-service',
      'gen',
      '-workers',
      '1',
    );
    const services = ['gen-00', 'gen-01', 'gen-02'];
    await jaeger().until(async () => {
      const traces = await Promise.all(services.map((service) => jaeger().traces({ service, limit: '100' })));
      assert.deepEqual(
        traces.map((found) => found.map(({ spans }) => spans.length)),
        services.map(() => Array(10).fill(10)),
      );
    });
    assert.deepEqual([...z.array(z.string()).parse(await jaeger().ui('/services'))].sort(), services);
    const operations = z
      .array(z.object({ name: z.string(), spanKind: z.string() }))
      .parse(await jaeger().ui('/operations', { service: 'gen-00' }));
    assert.deepEqual(operations.map(({ name, spanKind }) => `${name} ${spanKind}`).sort(), [
      ...Array.from({ length: 9 }, (_, index) => `child-span-0${index} client`),
      'lets-go server',
    ]);
    const servers = await jaeger().ui('/operations', { service: 'gen-00', spanKind: 'server' });
    assert.deepEqual(servers, [{ name: 'lets-go', spanKind: 'server' }]);
    const names = z.array(z.string()).parse(await jaeger().ui('/services/gen-01/operations'));
    assert.deepEqual([...names].sort(), operations.map(({ name }) => name).sort());
    assert.equal((await jaeger().traces({ service: 'gen-00', limit: '4' })).length, 4);
  });

  test('a trace comes back as it was written', async () => {
    const [client, server] = call();
    await jaeger().export([client, server]);
    const trace = await jaeger().until(async () => {
      const [found, ...more] = await jaeger().traces({ service: 'shop' });
      assert.ok(found);
      assert.deepEqual(more, []);
      assert.equal(found.spans.length, 2);
      return found;
    });
    assert.equal(trace.traceID, client.traceId);
    const of = (span: OtlpSpan) => {
      const found = trace.spans.find(({ spanID }) => spanID === span.spanId);
      assert.ok(found);
      return found;
    };
    assert.deepEqual(of(server).references, [
      { refType: 'CHILD_OF', traceID: client.traceId, spanID: client.spanId },
    ]);
    assert.equal(trace.processes[of(server).processID]?.serviceName, 'stock');
    assert.deepEqual([of(client).startTime, of(client).duration], [client.startMs * 1000, 120_000]);
    assert.equal(of(client).logs.length, 1);
    const tags = Object.fromEntries(
      [client, server].flatMap((span) =>
        of(span).tags.map(({ key, value }) => [`${span.name} ${key}`, value]),
      ),
    );
    // Jaeger writes whole numbers that JavaScript has not as text.
    assert.equal(String(tags['buy order.id']), '9007199254740993');
    assert.equal(tags['buy price'], 72.5);
    assert.equal(tags['buy span.kind'], 'client');
    assert.equal(tags['take gone'], true);
    assert.equal(tags['take text'], 'ein Ünïcode');
    assert.equal(tags['take error'], true);
    assert.equal(tags['take span.kind'], 'server');
    const alone = await jaeger().ui(`/traces/${client.traceId}`);
    assert.equal(z.array(z.object({ traceID: z.string() })).parse(alone)[0]?.traceID, client.traceId);
  });

  test('searches find what they ask for, and nothing else', async () => {
    const [client, server] = call();
    const quick = newSpan({ service: 'shop', name: 'look', durationMs: 1 });
    const old = newSpan({ service: 'shop', name: 'buy', startMs: Date.now() - 3 * 3_600_000 });
    await jaeger().export([client, server, quick, old]);
    const found = async (query: Readonly<Record<string, string>>) => {
      const traces = await jaeger().traces(query);
      return traces
        .map(({ traceID }) =>
          traceID === client.traceId ? 'call' : traceID === quick.traceId ? 'quick' : 'old',
        )
        .sort();
    };
    await jaeger().until(async () => {
      assert.deepEqual(await found({ service: 'shop', ...since(old.startMs) }), ['call', 'old', 'quick']);
    });
    for (const [query, expected] of [
      [{ service: 'shop' }, ['call', 'quick']],
      [{ service: 'stock' }, ['call']],
      [{ service: 'nobody' }, []],
      [{ service: 'shop', operation: 'look' }, ['quick']],
      // Operations and tags are those of one span of that service.
      [{ service: 'shop', operation: 'take' }, []],
      [{ service: 'shop', minDuration: '100ms' }, ['call']],
      [{ service: 'shop', maxDuration: '100ms' }, ['quick']],
      [{ service: 'shop', tags: '{"price":"72.5"}' }, ['call']],
      [{ service: 'shop', tags: '{"order.id":"9007199254740993","span.kind":"client"}' }, ['call']],
      [{ service: 'shop', tags: '{"order.id":"9007199254740992"}' }, []],
      [{ service: 'stock', tags: '{"error":"true"}' }, ['call']],
      [{ service: 'shop', tags: '{"error":"true"}' }, []],
      [{ service: 'stock', tags: '{"gone":"true","text":"ein Ünïcode"}' }, ['call']],
      [{ service: 'shop', ...since(old.startMs), operation: 'buy' }, ['call', 'old']],
    ] as const) {
      assert.deepEqual(await found(query), expected, JSON.stringify(query));
    }
  });

  test('a trace that is not there is not found', async () => {
    const response = await jaeger().fetch(`/api/traces/${randomBytes(16).toString('hex')}`);
    const body = await response.text();
    assert.equal(response.status, 404, body);
    assert.match(body, /trace not found/);
  });

  test('dependencies are those of the spans', async () => {
    const calls = [call(), call(), call()];
    await jaeger().export(calls.flat());
    const links = async (query: Readonly<Record<string, string>>) =>
      z
        .array(Link)
        .parse((await jaeger().ui('/dependencies', query)) ?? [])
        .map(({ parent, child, callCount }) => ({ parent, child, callCount }));
    await jaeger().until(async () => {
      const now = { endTs: String(Date.now()), lookback: '3600000' };
      assert.deepEqual(await links(now), [{ parent: 'shop', child: 'stock', callCount: 3 }]);
    });
    const before = { endTs: String(Date.now() - 7_200_000), lookback: '3600000' };
    assert.deepEqual(await links(before), []);
  });

  test('a trace of 20,000 spans, which is more than Jaeger takes in one message, is read whole', async () => {
    const [client] = call();
    const rest = Array.from({ length: 20_000 - 1 }, (_, index) =>
      newSpan({
        ...{ service: 'shop', name: `step-${index}`, traceId: client.traceId, parentSpanId: client.spanId },
        attributes: { text: { stringValue: 'x'.repeat(300) } },
      }),
    );
    const spans = [client, ...rest];
    for (let from = 0; from < spans.length; from += 1000)
      await jaeger().export(spans.slice(from, from + 1000));
    await jaeger().until(async () => {
      const [trace] = z
        .array(z.object({ spans: z.array(z.unknown()) }))
        .parse(await jaeger().ui(`/traces/${client.traceId}`));
      assert.equal(trace?.spans.length, 20_000);
    });
  }).timeout(60_000);
}

/** The times of a search, in microseconds. */
function since(startMs: number): Readonly<Record<string, string>> {
  return { start: `${(startMs - 1000) * 1000}` };
}
