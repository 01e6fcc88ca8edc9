import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolError } from '#lib/juju';
import { type Charm, relation, runHook } from '#lib/juju/testing';
import { grafanaClient } from '#src/grafana';
import { projectFolder } from '#src/local';
import { tracingAnswerDatabag } from '#src/relations/tracing';
import { run } from '../../charm/main.ts';
import { HookTracer } from '../../charm/tracing.ts';
import { FakeTools } from '../lib/juju/fake-tools.ts';
import { Collector } from '../src/tracing/collector.ts';
import { answering, changedNothing, datasourceWorld, runCharm, said, world } from './worlds.ts';

const answer = (url: string) =>
  tracingAnswerDatabag([{ protocol: { name: 'otlp_http', type: 'http' }, url }]);
const tracing = (remoteAppData = {}) =>
  relation({
    endpoint: 'charm-tracing',
    remoteApp: 'tempo',
    remoteAppData,
    remoteUnitsData: { 'tempo/0': {} },
  });

const refusing = (tool: string, why: string) => () => Promise.reject(toolError(tool, 1, why));

suite('charm: charm-tracing', () => {
  test('the leader asks for OTLP over HTTP, once', async () => {
    const out = await runCharm('charm-tracing-relation-created', datasourceWorld([tracing()]));
    assert.deepEqual(out.relation('charm-tracing').localAppData, { receivers: '["otlp_http"]' });
    const again = await runCharm('charm-tracing-relation-changed', out.state);
    assert.ok(changedNothing(again));
  });

  test('a follower asks for nothing, and the leader after it does', async () => {
    const follower = await runCharm(
      'charm-tracing-relation-created',
      datasourceWorld([tracing()], { leader: false }),
    );
    assert.deepEqual(follower.relation('charm-tracing').localAppData, {});
    const leader = await runCharm('leader-elected', { ...follower.state, leader: true });
    assert.deepEqual(leader.relation('charm-tracing').localAppData, { receivers: '["otlp_http"]' });
  });

  test('it asks before there is any config, too', async () => {
    const out = await runCharm('charm-tracing-relation-created', world({ relations: [tracing()] }));
    assert.equal(out.state.unitStatus.status, 'blocked');
    assert.deepEqual(out.relation('charm-tracing').localAppData, { receivers: '["otlp_http"]' });
  });

  test('an answer that can not be read is a finding, and nothing else changes', async () => {
    const grafana = relation({
      endpoint: 'grafana-source',
      remoteApp: 'grafana',
      remoteAppData: { grafana_uid: 'g', datasource_uids: '{"app/0": "u"}' },
      remoteUnitsData: { 'grafana/0': {} },
    });
    const config = { 'datasource-type': 'loki' };
    const good = await runCharm('update-status', datasourceWorld([grafana, tracing()], { config }));
    const bad = tracing({
      receivers: '[{"protocol": {"name": "otlp_http", "type": "http"}, "url": "ftp://hunter2"}]',
    });
    const out = await runCharm('update-status', datasourceWorld([grafana, bad], { config }));
    const { status, message } = out.state.unitStatus;
    assert.equal(status, 'active');
    assert.match(
      message,
      /; can't read receivers\[0\]\.url from tempo \(relation \d+, charm-tracing\): expected/,
    );
    assert.ok(message.startsWith(good.state.unitStatus.message));
    assert.ok(!said(out).includes('hunter2'));
  });

  test('a relation whose bag is out of reach is none', async () => {
    const given = datasourceWorld([tracing(answer('http://127.0.0.1:1'))]);
    const out = await runCharm('update-status', given, {
      tools: answering(() => ({ relationListApp: refusing('relation-list', 'permission denied') })),
    });
    assert.deepEqual(out.relation('charm-tracing').localAppData, {});
    assert.deepEqual(out.logs, []);
  });

  for (const broken of ['relationIds', 'relationListApp', 'relationGet'] as const) {
    test(`no hook fails because Juju does not tell of the relation (${broken}): it is not traced`, async () => {
      const given = datasourceWorld([tracing(answer('http://127.0.0.1:1'))]);
      const settled = (await runCharm('config-changed', given)).state;
      const why = 'cannot read settings for application "tempo" in relation: settings not found';
      const isTracing = (about: unknown) =>
        about === 'charm-tracing' || JSON.stringify(about).includes(String(given.relations[1]?.id));
      const tools = answering((tools) => ({
        [broken]: (about: never) =>
          isTracing(about) ? refusing('relation-get', why)() : tools[broken](about),
      }));
      const out = await runCharm('update-status', settled, { tools });
      assert.deepEqual(
        out.logs.map(({ level, message }) => [level, message]),
        [['WARNING', `this is not traced: ${why}`]],
      );
      assert.deepEqual(out.state, settled);
    });
  }
});

suite('charm: a traced hook', () => {
  let folder: string;
  let tools: FakeTools;
  setup(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crosslink-traced-'));
    tools = await FakeTools.open();
  });
  teardown(async () => {
    await tools.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The charm's real `dispatch`, with tools that answer as they are told. */
  async function dispatch(receivers: string, event = {}): Promise<{ code: number; stderr: string }> {
    const isBroken = 'JUJU_RELATION' in event;
    await tools.answer('relation-ids', { stdout: isBroken ? '[]' : '["charm-tracing:5"]' });
    await tools.answer('relation-list', { stdout: '"tempo"' });
    await tools.answer('relation-get', { stdout: JSON.stringify({ receivers }) });
    await tools.answer('is-leader', { stdout: 'true' });
    await tools.answer('status-get', { stdout: '{"status":"active","message":"","status-data":{}}' });
    await tools.answer('juju-log');
    await tools.answer('config-get', { stderr: 'ERROR hunter2 is not the password', exitCode: 1 });
    const env = {
      ...tools.env,
      JUJU_UNIT_NAME: 'app/0',
      JUJU_MODEL_NAME: 'cos',
      JUJU_MODEL_UUID: '11111111-2222-4333-8444-555555555555',
      JUJU_CHARM_DIR: folder,
      JUJU_VERSION: '3.6.2',
      JUJU_CONTEXT_ID: 'app/0-update-status-0',
      JUJU_HOOK_NAME: 'update-status',
      ...event,
    };
    return new Promise((resolve) => {
      execFile(join(projectFolder, 'charm/dispatch'), { env, cwd: folder }, (error, _stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stderr });
      });
    });
  }

  const receiversOf = (url: string) => answer(url).receivers ?? '';

  test('that dies sends its trace, and ends as it would have without one', async function () {
    this.timeout(20_000);
    await using collector = await Collector.start();
    const { code, stderr } = await dispatch(receiversOf(collector.url));
    assert.equal(code, 1);
    assert.match(stderr, /hunter2 is not the password/);
    const [spans = assert.fail('no trace')] = collector.traces;
    assert.deepEqual(
      spans.map(({ name, status }) => [name, status.code, status.message]),
      [
        ['observe', 2, 'HookToolError FAILED'],
        ['app/0: update-status event', 2, 'HookToolError FAILED'],
      ],
    );
    assert.ok(!collector.received.some(({ body }) => Buffer.from(body).includes('hunter2')));
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name === '.traces'),
      [],
    );
  });

  test('that dies while the endpoint is away keeps its trace', async function () {
    this.timeout(20_000);
    await using collector = await Collector.start();
    await collector.away();
    assert.equal((await dispatch(receiversOf(collector.url))).code, 1);
    assert.equal((await readdir(join(folder, '.traces'))).length, 1);
  });

  test('keeps nothing for the next backend when the relation ends', async function () {
    this.timeout(20_000);
    const kept = async () => (await readdir(folder)).includes('.traces');
    await dispatch(receiversOf('http://127.0.0.1:1'));
    assert.ok(await kept());
    const ending = (endpoint: string) => ({
      JUJU_HOOK_NAME: `${endpoint}-relation-broken`,
      JUJU_CONTEXT_ID: `app/0-${endpoint}-relation-broken-0`,
      JUJU_RELATION: endpoint,
      JUJU_RELATION_ID: `${endpoint}:5`,
      JUJU_REMOTE_APP: 'tempo',
      JUJU_REMOTE_UNIT: '',
    });
    await dispatch('', ending('grafana-source'));
    assert.ok(await kept());
    await dispatch('', ending('charm-tracing'));
    assert.ok(!(await kept()));
  });
});

suite('charm: HookTracer', () => {
  test('says where its trace is, word for word as charms with ops do', async () => {
    await using collector = await Collector.start();
    const relations = [tracing(answer(collector.url))];
    const folder = await mkdtemp(join(tmpdir(), 'crosslink-tracer-'));
    const logs: string[] = [];
    try {
      const charm: Charm = (tools, context) => {
        const { inTrace } = new HookTracer({ ...context, charmDir: folder }, tools);
        return run({ context, tools, grafanaClient, inTrace });
      };
      const out = await runHook(charm, 'charm-tracing-relation-changed', datasourceWorld(relations));
      logs.push(...out.logs.map(({ level, message }) => `${level} ${message}`));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const [spans = assert.fail('no trace')] = collector.traces;
    const root = spans.at(-1);
    assert.ok(
      logs.some((line) => line.includes(`Starting root trace with id='${root?.traceId}'.`)),
      logs.join('\n'),
    );
    assert.deepEqual(
      spans.map(({ name }) => name),
      ['observe', 'decide', 'apply', 'app/0: charm-tracing-relation-changed event'],
    );
  });
});
