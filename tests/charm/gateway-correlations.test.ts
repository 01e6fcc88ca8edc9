import assert from 'node:assert/strict';
import type { RelationDraft, UnitState } from '#lib/juju/testing';
import { correlationsKey, type SourceCorrelation } from '#src/relations/grafana-datasource';
import type { Listing } from '../../charm/actions/listing-text.ts';
import type { Report } from '../../charm/actions/report.ts';
import { grafanaPerTest, settledIn, uidIn } from './gateway-grafana.ts';
import {
  answering,
  changedNothing,
  gatewayWorld,
  modelUuid,
  relationEvent,
  relationIn,
  runCharm,
  said,
  source,
  withConfig,
  withRelation,
} from './worlds.ts';

const on = { 'grafana-correlations': true };
const marker = `juju_cos_${modelUuid}_app`;

function toLogs(target: string, given: Partial<SourceCorrelation> = {}): SourceCorrelation {
  return {
    kind: 'metrics-to-logs',
    target,
    label: 'Logs',
    description: 'From a series to its logs.',
    field: 'juju_application',
    query: { expr: '{juju_application="${juju_application}"}', queryType: 'range' },
    transformations: [{ type: 'regex', expression: '"a":"([^"]+)"', mapValue: 'a' }],
    ...given,
  };
}

suite("charm: a gateway and Grafana's correlations", () => {
  const { grafana, replaceGrafana } = grafanaPerTest();

  const uid = (url: string) => uidIn(grafana, url) ?? assert.fail(`no datasource at ${url}`);
  const mimir = (data: Partial<Parameters<typeof source>[1]> = {}): RelationDraft =>
    source('mimir', { units: { 0: 'http://m0', 1: 'http://m1' }, data: { type: 'prometheus' }, ...data });
  const loki = (): RelationDraft => source('loki', { app: 'http://loki', data: { type: 'loki' } });

  /** What `mimir` asks for, said to a gateway that is related to it. */
  function asking(given: UnitState, correlations: readonly SourceCorrelation[] | string): UnitState {
    const { remoteAppData } = relationIn(given, 'datasources', 'mimir');
    const text = typeof correlations === 'string' ? correlations : JSON.stringify(correlations);
    return withRelation(
      given,
      { endpoint: 'datasources', remoteApp: 'mimir' },
      { remoteAppData: { ...remoteAppData, [correlationsKey]: text } },
    );
  }

  /** A gateway with the option on, that made what `mimir` asked for. */
  async function settled(given: Partial<SourceCorrelation> = {}): Promise<UnitState> {
    const before = await settledIn(grafana, [mimir(), loki()], { config: on });
    return (await changed(asking(before, [toLogs(uid('http://loki'), given)]))).state;
  }

  /** The hook in which the gateway hears what `mimir` says. */
  const changed = (given: UnitState) =>
    runCharm(relationEvent('relation-changed', relationIn(given, 'datasources', 'mimir')), given);

  /** From which URL each correlation leads. */
  const froms = () => {
    const urls = new Map(grafana.datasources().map((one) => [one.uid, one.url]));
    return grafana.correlations().map(({ sourceUID }) => urls.get(sourceUID));
  };
  const answer = (given: UnitState, app = 'mimir') => relationIn(given, 'datasources', app).localAppData;

  test('says that it takes them only where the operator wants it', async () => {
    assert.equal(answer(await settledIn(grafana, [mimir()]))[correlationsKey], undefined);
    assert.ok(!grafana.requests.some(({ path }) => path.includes('correlations')), 'asks for nothing');
    assert.equal(answer(await settledIn(grafana, [mimir()], { config: on }))[correlationsKey], 'true');
  });

  test('makes what is asked for, from each datasource of the application', async () => {
    const given = await settled();
    assert.deepEqual(froms().toSorted(), ['http://m0', 'http://m1']);
    const [{ uid: _, sourceUID: __, ...made } = assert.fail()] = grafana.correlations();
    const { query, field, transformations } = toLogs('');
    assert.deepEqual(made, {
      targetUID: uid('http://loki'),
      label: 'Logs',
      description: `From a series to its logs. [crosslink metrics-to-logs ${marker}]`,
      type: 'query',
      provisioned: false,
      config: { field, target: query, transformations },
    });
    assert.deepEqual(given.unitStatus, {
      status: 'active',
      message: `3 datasources and 2 correlations in ${grafana.url}`,
    });
  });

  for (const hook of ['config-changed', 'update-status', 'leader-elected', 'upgrade-charm']) {
    test(`a second ${hook} writes nothing, and costs one more look`, async () => {
      const given = await settled();
      grafana.clearRequests();
      const out = await runCharm(hook, given);
      assert.ok(changedNothing(out), said(out));
      assert.deepEqual(grafana.requests.map(({ method, path }) => `${method} ${path}`).toSorted(), [
        'GET /api/datasources',
        'GET /api/datasources/correlations?limit=1000&page=1',
      ]);
    });
  }

  test('changes what is asked for otherwise, and puts right what somebody changed', async () => {
    const given = await settled();
    const uids = grafana.correlations().map((one) => one.uid);
    const out = await changed(
      asking(given, [toLogs(uid('http://loki'), { label: 'Log lines', transformations: [] })]),
    );
    const now = grafana.correlations();
    assert.deepEqual(
      now.map((one) => one.uid),
      uids,
    );
    assert.deepEqual(new Set(now.map(({ label }) => label)), new Set(['Log lines']));
    assert.deepEqual(
      now.map(({ config }) => config.transformations),
      [[], []],
    );
    const [{ sourceUID, uid: one } = assert.fail()] = now;
    const patched = await fetch(`${grafana.url}/api/datasources/uid/${sourceUID}/correlations/${one}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${grafana.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ label: 'Mine' }),
    });
    assert.equal(patched.status, 200);
    await runCharm('update-status', out.state);
    assert.deepEqual(grafana.correlations(), now);
  });

  test('removes what is asked for no more, and one of two that are alike', async () => {
    const given = await settled();
    const [twin = assert.fail()] = grafana.correlations();
    grafana.seedCorrelation(twin);
    await runCharm('update-status', given);
    assert.equal(grafana.correlations().length, 2);
    const out = await changed(asking(given, ''));
    assert.deepEqual(grafana.correlations(), []);
    assert.equal(answer(out.state)[correlationsKey], 'true');
  });

  test('removes them all when the option is switched off, and says that it takes them no more', async () => {
    const given = await settled();
    const out = await runCharm('config-changed', withConfig(given, { 'grafana-correlations': false }));
    assert.deepEqual(grafana.correlations(), []);
    for (const app of ['mimir', 'loki']) assert.equal(answer(out.state, app)[correlationsKey], undefined);
    assert.equal(out.state.unitStatus.message, `3 datasources in ${grafana.url}`);
    grafana.clearRequests();
    const again = await runCharm('update-status', out.state);
    assert.ok(changedNothing(again), said(again));
    assert.equal(grafana.requests.length, 1, 'it does not look for correlations any more');
  });

  test('goes on taking them back when Grafana does not let it at first', async () => {
    const given = withConfig(await settled(), { 'grafana-correlations': false });
    grafana.misbehave({ match: { method: 'DELETE' }, status: 500, times: 1 });
    const failed = await runCharm('config-changed', given);
    assert.equal(grafana.correlations().length, 1);
    assert.equal(failed.state.unitStatus.status, 'waiting');
    assert.equal(answer(failed.state)[correlationsKey], 'true');
    const out = await runCharm('update-status', failed.state);
    assert.deepEqual(grafana.correlations(), []);
    assert.equal(answer(out.state)[correlationsKey], undefined);
    assert.equal(out.state.unitStatus.status, 'active');
  });

  test('has none left of an application that goes, at either end', async () => {
    const given = await settled();
    const gone = relationIn(given, 'datasources', 'loki');
    await runCharm(relationEvent('relation-broken', gone), given);
    assert.deepEqual(grafana.correlations(), []);
    assert.deepEqual(grafana.datasources().length, 2);
  });

  test("leaves everybody else's alone, also those between its own datasources", async () => {
    const given = await settled();
    const ours = grafana.correlations();
    grafana.seed({ name: 'By hand', type: 'loki', uid: 'by-hand', url: 'http://hand' });
    const sourceUID = uid('http://m0');
    const description = `x [crosslink metrics-to-logs ${marker}]`;
    const theirs = [
      grafana.seedCorrelation({ sourceUID, targetUID: uid('http://loki'), label: 'Mine' }),
      grafana.seedCorrelation({ sourceUID, targetUID: 'by-hand', description: 'x [crosslink a other]' }),
      grafana.seedCorrelation({ sourceUID: 'by-hand', targetUID: sourceUID, description }),
      grafana.seedCorrelation({ sourceUID, targetUID: 'by-hand', description, provisioned: true }),
    ];
    const out = await runCharm('update-status', given);
    assert.deepEqual(grafana.correlations(), [...ours, ...theirs]);
    await runCharm('config-changed', withConfig(out.state, { 'grafana-correlations': false }));
    assert.deepEqual(grafana.correlations(), theirs);
  });

  test('leads to nothing that it did not make, and from nothing to itself', async () => {
    grafana.seed({ name: 'By hand', type: 'loki', uid: 'by-hand', url: 'http://hand' });
    const given = await settledIn(grafana, [mimir()], { config: on });
    const targets = ['by-hand', 'in-another-grafana', uid('http://m0')];
    const asked = targets.map((target) => toLogs(target));
    const out = await changed(asking(given, asked));
    assert.deepEqual(froms(), ['http://m1']);
    assert.equal(out.state.unitStatus.status, 'active');
  });

  test('keeps what is there as long as what is asked for can not be read', async () => {
    const given = await settled();
    const out = await changed(asking(given, '[{"kind": 7}]'));
    assert.equal(grafana.correlations().length, 2);
    assert.match(
      out.state.unitStatus.message,
      /can't read grafana_source_correlations\[0\]\.kind from mimir/,
    );
  });

  test('show-datasources lists them, and whose they are', async () => {
    const given = await settled();
    const [first = assert.fail()] = grafana.correlations();
    const mine = grafana.seedCorrelation({
      sourceUID: uid('http://m0'),
      targetUID: uid('http://loki'),
      label: 'Mine',
    });
    const event = { kind: 'action', action: 'show-datasources', actionId: '1' } as const;
    const { action } = await runCharm(event, { ...given, actionParameters: { format: 'json' } });
    const { gateway } = JSON.parse(String(action.results.datasources)) as Listing;
    const byUid = new Map(gateway?.correlations?.map((one) => [one.uid, one]));
    const [from, to] = [first.sourceUID, first.targetUID];
    assert.deepEqual(byUid.get(first.uid), {
      ...{ uid: first.uid, label: 'Logs', from, to },
      ...{ kind: 'metrics-to-logs', owner: 'this-gateway' },
    });
    assert.deepEqual([byUid.get(mine.uid)?.owner, byUid.get(mine.uid)?.kind], ['operator', null]);
    const text = String((await runCharm(event, given)).action.results.datasources);
    assert.match(text, /Correlations in http/);
    assert.match(text, /no kind of ours, the operator's: Mine/);
  });

  test('reconcile tells what it made', async () => {
    const before = await settledIn(grafana, [mimir(), loki()], { config: on });
    const event = { kind: 'action', action: 'reconcile', actionId: '1' } as const;
    const given = asking(before, [toLogs(uid('http://loki'))]);
    const { action } = await runCharm(event, { ...given, actionParameters: { format: 'json' } });
    const { correlations } = JSON.parse(String(action.results.changes)) as Report;
    assert.deepEqual(
      correlations.map(({ kind, correlation, targetUid }) => [kind, correlation, targetUid]),
      Array.from({ length: 2 }, () => ['created', 'metrics-to-logs', uid('http://loki')]),
    );
    assert.equal(action.results.total, '3', 'and the status');
  });

  test('a unit that is being removed removes none of them', async () => {
    const given = withConfig(await settled(), { 'grafana-correlations': false });
    const dying = {
      goalState: async () => ({ units: { 'app/0': { status: 'dying', since: '' } }, relations: {} }),
    };
    await runCharm('update-status', given, { tools: answering(() => dying) });
    assert.equal(grafana.correlations().length, 2);
  });

  for (const version of ['9.0.0', '9.4.7', '10.1.0']) {
    test(`Grafana ${version} has no such API, or one that is too old: a note, and all else is done`, async () => {
      await replaceGrafana({ version });
      const given = await settledIn(grafana, [mimir(), loki()], { config: on });
      assert.equal(given.unitStatus.status, 'active');
      assert.match(given.unitStatus.message, /^3 datasources in .*; no correlations: .*Grafana 10\.2/);
      assert.equal(answer(given)[correlationsKey], undefined);
      assert.ok(changedNothing(await runCharm('update-status', given)));
      assert.equal(grafana.datasources().length, 3);
    });
  }

  for (const version of ['10.2.0', '11.2.0', '11.3.0', '13.1.0']) {
    test(`Grafana ${version} gets them, and no second write`, async () => {
      await replaceGrafana({ version });
      const given = await settled();
      assert.equal(grafana.correlations().length, 2);
      assert.ok(changedNothing(await runCharm('update-status', given)));
      assert.equal(grafana.writes.filter(({ path }) => path.includes('correlations')).length, 2);
    });
  }

  for (const [what, match] of [
    ['written', { method: 'POST', path: /correlations/ }],
    ['read', { method: 'GET', path: /correlations/ }],
  ] as const) {
    test(`that they may not be ${what} is for the operator to mend; all else is done and said`, async () => {
      const given = await settledIn(grafana, [mimir(), loki()], { config: on });
      grafana.misbehave({ match, status: 403 });
      const more = source('tempo', { app: 'http://tempo' });
      const asked = asking(given, [toLogs(uid('http://loki'))]);
      const { relations } = gatewayWorld(grafana, [{ ...more, id: 9 }]);
      const out = await runCharm('update-status', {
        ...asked,
        relations: [...asked.relations, relations.at(-1) ?? assert.fail()],
      });
      assert.deepEqual(grafana.correlations(), []);
      assert.deepEqual(out.state.unitStatus, {
        status: 'blocked',
        message: 'give the Grafana service account of grafana-token the role Admin',
      });
      assert.equal(answer(out.state, 'tempo').app_datasource_uid, uid('http://tempo'));
      grafana.behave();
      const well = await runCharm('update-status', out.state);
      assert.equal(well.state.unitStatus.status, 'active');
      assert.equal(grafana.correlations().length, 2);
    });
  }

  test('a create of which the answer was lost is not made twice', async () => {
    const given = await settledIn(grafana, [mimir(), loki()], { config: on });
    grafana.misbehave({
      match: { method: 'POST', path: /correlations/ },
      drop: true,
      applied: true,
      times: 1,
    });
    const out = await runCharm('update-status', asking(given, [toLogs(uid('http://loki'))]));
    assert.equal(out.state.unitStatus.status, 'waiting');
    const well = await runCharm('update-status', out.state);
    assert.equal(well.state.unitStatus.status, 'active');
    assert.deepEqual(froms().toSorted(), ['http://m0', 'http://m1']);
  });
});
