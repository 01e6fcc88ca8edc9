import assert from 'node:assert/strict';
import { join } from 'node:path';
import { projectFolder } from '#src/local';
import {
  readTracingAnswer,
  readTracingRequest,
  requestDatabag,
  tracingAnswerDatabag,
} from '#src/relations/tracing';
import { Collector } from '../../src/tracing/collector.ts';
import {
  type PlainReceiver,
  pythonSpans,
  pythonTracingAnswers,
  pythonTracingRequest,
  readByPythonTracingProvider,
  readByPythonTracingRequirer,
} from './judge.ts';
import { modelUuid, World } from './world.ts';

const lists: readonly (readonly PlainReceiver[])[] = [
  [],
  [['otlp_http', 'http', 'http://tempo.cos.svc.cluster.local:4318']],
  [
    ['otlp_grpc', 'grpc', 'tempo:4317'],
    ['otlp_http', 'http', 'https://traefik/cos-tempo'],
    ['zipkin', 'http', 'http://zürich:9411'],
  ],
];

suite('tracing, ours with the library of theirs', () => {
  test('asks in the bytes of the library, which reads it', async () => {
    for (const protocols of [['otlp_http'], ['zipkin', 'otlp_http']]) {
      const ours = requestDatabag(protocols);
      assert.deepEqual(ours, await pythonTracingRequest(protocols));
      assert.deepEqual(await readByPythonTracingProvider([ours]), [protocols]);
      assert.deepEqual(readTracingRequest(ours).protocols, protocols);
    }
  });

  test('answers in the bytes of the library, and each reads what the other answers', async () => {
    const ours = lists.map((receivers) =>
      tracingAnswerDatabag(receivers.map(([name, type, url]) => ({ protocol: { name, type }, url }))),
    );
    const theirs = await pythonTracingAnswers(lists);
    assert.deepEqual(ours, theirs);
    assert.deepEqual(await readByPythonTracingRequirer(ours), lists);
    assert.deepEqual(
      theirs.map((databag) => readTracingAnswer(databag)),
      [null, 'http://tempo.cos.svc.cluster.local:4318', 'https://traefik/cos-tempo'].map((otlpHttpUrl) => ({
        answer: { otlpHttpUrl },
        issues: [],
      })),
    );
  });

  test('a databag that the library refuses is a finding here, and no URL', async () => {
    const refused = ['nonsense', '{}', '[{"url": "http://t:4318"}]', '[1]'].map((receivers) => ({
      receivers,
    }));
    assert.deepEqual(
      await readByPythonTracingRequirer(refused),
      refused.map(() => null),
    );
    for (const databag of refused) {
      const { answer, issues } = readTracingAnswer(databag);
      assert.equal(answer.otlpHttpUrl, null);
      assert.notDeepEqual(issues, []);
    }
  });

  test('related to their Tempo, hooks send traces that OpenTelemetry reads', async () => {
    // Given our gateway, and a Tempo on the Python library
    await using collector = await Collector.start();
    await using world = await World.open();
    await world.gateway();
    const charm = join(projectFolder, 'tests/interop/python/charms/py-tempo');
    await world.model.deploy({ app: 'tempo', charm, config: { url: collector.url } });
    await world.settle();
    // When they are related
    world.relate(['grafana:charm-tracing', 'tempo:tracing']);
    await world.settle();
    world.model.fireUpdateStatus();
    await world.settle();

    // Then the bags are the library's own
    assert.deepEqual(world.said('grafana', 'tempo').app, await pythonTracingRequest(['otlp_http']));
    const [answer] = await pythonTracingAnswers([[['otlp_http', 'http', collector.url]]]);
    assert.deepEqual(world.said('tempo', 'grafana').app, answer);
    // Then every hook of ours since is a trace
    const traces = await pythonSpans(collector.received.map(({ body }) => body));
    const roots = traces.map((spans) => spans.filter(({ parent }) => parent === ''));
    assert.equal(roots[0]?.[0]?.name, 'grafana/0: charm-tracing-relation-created event');
    assert.equal(roots.at(-1)?.[0]?.name, 'grafana/0: update-status event');
    for (const [index, spans] of traces.entries()) {
      assert.equal(roots[index]?.length, 1);
      assert.equal(new Set(spans.map(({ trace }) => trace)).size, 1);
      const ids = spans.map(({ span }) => span);
      assert.ok(spans.every(({ parent }) => parent === '' || ids.includes(parent)));
      assert.deepEqual(spans.map(({ name }) => name).slice(0, 3), [
        'GET /api/datasources',
        'observe',
        'decide',
      ]);
      for (const { resource, scope } of spans) {
        assert.equal(scope, 'crosslink');
        assert.equal(resource.juju_unit, 'grafana/0');
        assert.equal(resource.juju_model_uuid, modelUuid);
      }
    }
  });
});
