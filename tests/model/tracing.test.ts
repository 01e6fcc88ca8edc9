import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Activity, type CharmFunction, LocalModel } from '#lib/juju-local';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { projectFolder } from '#src/local';
import { readTracingRequest, tracingAnswerDatabag } from '#src/relations/tracing';
import { Collector } from '../src/tracing/collector.ts';
import type { OtlpSpan } from '../src/tracing/otlp.ts';

const modelUuid = '11111111-2222-4333-8444-555555555555';
const password = 'secure-hunter2-of-loki';

/** A gateway whose hooks are processes, and a tracing backend. */
class TracedModel implements AsyncDisposable {
  readonly model: LocalModel;
  readonly grafana: EmbeddedGrafana;
  readonly collector: Collector;
  readonly activities: Activity[];
  readonly #folder: string;

  static async open(): Promise<TracedModel> {
    const activities: Activity[] = [];
    const folder = await mkdtemp(join(tmpdir(), 'crosslink-tracing-'));
    const model = await LocalModel.open({
      name: 'cos',
      uuid: modelUuid,
      directory: join(folder, 'model'),
      retry: { baseMs: 50, limit: 2 },
      onActivity: (activity) => activities.push(activity),
    });
    const traced = new TracedModel(
      model,
      await EmbeddedGrafana.start(),
      await Collector.start(),
      activities,
      folder,
    );
    await traced.#deploy();
    return traced;
  }

  private constructor(
    model: LocalModel,
    grafana: EmbeddedGrafana,
    collector: Collector,
    activities: Activity[],
    folder: string,
  ) {
    this.model = model;
    this.grafana = grafana;
    this.collector = collector;
    this.activities = activities;
    this.#folder = folder;
  }

  async #deploy(): Promise<void> {
    const { model, grafana } = this;
    const token = model.addSecret({ name: 'token', content: { token: grafana.token } });
    await model.deploy({
      app: 'grafana',
      charm: projectFolder,
      config: { 'grafana-url': grafana.url, 'grafana-token': token },
    });
    model.grantSecret('token', 'grafana');
    await this.#function('tempo', 'tracing', 'tracing', this.#tempo);
    await this.#function('loki', 'grafana-source', 'grafana_datasource', this.#loki);
    await this.settle();
  }

  async #function(app: string, endpoint: string, interfaceName: string, run: CharmFunction): Promise<void> {
    const charm = join(this.#folder, app);
    await mkdir(join(charm, 'hooks'), { recursive: true });
    const provides = `provides:\n  ${endpoint}: {interface: ${interfaceName}}\n`;
    await writeFile(join(charm, 'metadata.yaml'), `name: ${app}\n${provides}`);
    await this.model.deploy({ app, charm, run });
  }

  /** Answers what is asked for, and nothing that is not. */
  readonly #tempo: CharmFunction = async (tools, { event }) => {
    if (event.kind !== 'relation-changed') return;
    const { relationId, remoteApp } = event;
    const { protocols } = readTracingRequest(await tools.relationGet({ relationId, of: remoteApp }));
    const receivers = (protocols ?? []).map((name) => ({
      protocol: { name, type: 'http' },
      url: this.collector.url,
    }));
    if (protocols !== null) {
      await tools.relationSet({ relationId, app: true, data: tracingAnswerDatabag(receivers) });
    }
  };

  readonly #loki: CharmFunction = async (tools, { event, modelName, modelUuid, app }) => {
    if (event.kind !== 'relation-created') return;
    const data = {
      model: modelName,
      model_uuid: modelUuid,
      application: app,
      type: 'loki',
      extra_fields: null,
      secure_extra_fields: { httpHeaderValue1: password },
    };
    const { relationId } = event;
    await tools.relationSet({
      relationId,
      app: true,
      data: { grafana_source_data: JSON.stringify(data) },
    });
    await tools.relationSet({ relationId, data: { grafana_source_host: 'http://loki:3100' } });
  };

  async settle(): Promise<void> {
    const { settled, failedHooks } = await this.model.settle({ timeoutMs: 60_000 });
    assert.deepEqual(failedHooks, []);
    assert.ok(settled);
  }

  /** Traces that the unit keeps. */
  async kept(): Promise<string[]> {
    const folder = join(this.#folder, 'model/unit-grafana-0/charm/.traces');
    return (await readdir(folder).catch(() => [])).toSorted();
  }

  /** Hooks of the gateway that ended so far, in that order; and forgets them. */
  hooks(): string[] {
    const ended = this.activities.flatMap((one) =>
      one.kind === 'hook-ended' && one.unit === 'grafana/0' ? [one.hook] : [],
    );
    this.activities.length = 0;
    return ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model.close();
    await this.grafana.stop();
    await this.collector[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const rootOf = (spans: readonly OtlpSpan[]) => spans.find(({ parentSpanId }) => parentSpanId === '');
const hookOf = (spans: readonly OtlpSpan[]) =>
  /^grafana\/0: (.*) event$/.exec(rootOf(spans)?.name ?? '')?.[1];

/** Each span as its path from the root: `observe/GET /api/datasources`. */
function paths(spans: readonly OtlpSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const path = (span: OtlpSpan): string => {
    const parent = byId.get(span.parentSpanId);
    return parent === undefined || parent.parentSpanId === '' ? span.name : `${path(parent)}/${span.name}`;
  };
  return spans
    .toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano))
    .filter(({ parentSpanId }) => parentSpanId !== '')
    .map(path);
}

suite('charm tracing in a model', function () {
  this.timeout(120_000);

  test('a trace for each hook from the relation on, with all that a hook does, and no secret in it', async () => {
    await using traced = await TracedModel.open();
    const { model, collector } = traced;
    // Given a gateway without a relation to a tracing backend: nobody asked for traces
    assert.deepEqual([collector.received.length, await traced.kept()], [0, []]);
    traced.hooks();

    // When it is related, and a datasource registers with it
    model.relate('grafana:charm-tracing', 'tempo:tracing');
    await traced.settle();
    model.relate('loki:grafana-source', 'grafana:datasources');
    await traced.settle();

    // Then every hook since is a trace of its own, in order; also those before the backend's answer
    const hooks = traced.hooks();
    assert.equal(hooks[0], 'charm-tracing-relation-created');
    assert.deepEqual(collector.traces.map(hookOf), hooks);
    assert.deepEqual(await traced.kept(), []);
    for (const spans of collector.traces) {
      assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
      assert.equal(spans.filter(({ parentSpanId }) => parentSpanId === '').length, 1);
      assert.deepEqual(paths(spans).slice(0, 3), ['observe', 'observe/GET /api/datasources', 'decide']);
    }
    assert.equal(new Set(collector.traces.map((spans) => rootOf(spans)?.traceId)).size, hooks.length);

    // And the one that made the datasource says so
    const maker = collector.traces.find((spans) => paths(spans).includes('apply/POST /api/datasources'));
    const [call] = maker?.filter(({ name }) => name === 'POST /api/datasources') ?? [];
    const grafana = new URL(traced.grafana.url);
    assert.equal(call?.kind, 3);
    assert.deepEqual(call?.attributes, {
      'http.request.method': 'POST',
      'url.template': '/api/datasources',
      'url.full': `${traced.grafana.url}/api/datasources`,
      'server.address': grafana.hostname,
      'server.port': Number(grafana.port),
      'http.response.status_code': 200,
    });
    assert.deepEqual(rootOf(maker ?? [])?.attributes['juju.relation.endpoint'], 'datasources');
    const { 'telemetry.sdk.version': _, ...resource } = call?.resource ?? {};
    assert.deepEqual(resource, {
      'service.namespace': modelUuid,
      'service.namespace.name': 'cos',
      'service.name': 'grafana',
      'service.instance.id': '0',
      charm: 'crosslink',
      juju_model: 'cos',
      juju_model_uuid: modelUuid,
      juju_application: 'grafana',
      juju_unit: 'grafana/0',
      'juju.version': '3.6.9',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'opentelemetry',
    });

    // And neither the token nor what the datasource sent as a secret is anywhere in them
    const [{ uid } = assert.fail('no datasource')] = traced.grafana.datasources();
    assert.equal(traced.grafana.secureJsonData(uid).httpHeaderValue1, password);
    for (const { body } of collector.received) {
      for (const secret of [password, traced.grafana.token]) {
        assert.ok(!Buffer.from(body).includes(secret));
        assert.ok(!Buffer.from(body).includes(Buffer.from(secret).toString('base64')));
      }
    }

    // When the relation goes, then so do the traces, after that of its departing
    model.removeRelation('grafana:charm-tracing', 'tempo:tracing');
    await traced.settle();
    const count = collector.received.length;
    model.fireUpdateStatus();
    await traced.settle();
    assert.deepEqual([collector.received.length, await traced.kept()], [count, []]);
  });

  suite('of an application that is related', () => {
    let traced: TracedModel;
    suiteSetup(async () => {
      traced = await TracedModel.open();
      traced.model.relate('grafana:charm-tracing', 'tempo:tracing');
      await traced.settle();
    });
    suiteTeardown(() => traced[Symbol.asyncDispose]());
    setup(() => {
      traced.hooks();
      traced.collector.received.length = 0;
    });

    test('nothing is lost while the backend is away, and no hook fails', async () => {
      const { model, collector } = traced;
      await collector.away();
      for (let i = 0; i < 2; i++) {
        model.fireUpdateStatus();
        await traced.settle();
      }
      await model.runAction('grafana/0', 'explain');
      assert.equal((await traced.kept()).length, 3);

      await collector.back();
      model.fireUpdateStatus();
      await traced.settle();
      const hooks = ['update-status', 'update-status', 'explain', 'update-status'];
      assert.deepEqual(traced.hooks(), hooks);
      assert.deepEqual(collector.traces.map(hookOf), hooks);
      assert.deepEqual(await traced.kept(), []);
    });

    test('a Grafana that refuses is in the trace, with its status and without the token', async () => {
      const { model, collector } = traced;
      model.updateSecret('token', { token: 'glsa_wrong-hunter2' });
      model.fireUpdateStatus();
      await traced.settle();
      const last = collector.traces.at(-1) ?? [];
      const call = last.find(({ kind }) => kind === 3);
      assert.equal(call?.attributes['http.response.status_code'], 401);
      assert.deepEqual(call?.status, { code: 2, message: 'GrafanaApiError UNAUTHORIZED' });
      // What the operator has to mend is no failure of the hook
      assert.equal(rootOf(last)?.status.code, 0);
      assert.ok(!collector.received.some(({ body }) => Buffer.from(body).includes('hunter2')));
      model.updateSecret('token', { token: traced.grafana.token });
      await traced.settle();
    });
  });
});
