import assert from 'node:assert/strict';
import type { ActionValue } from '#lib/juju';
import type { HookOutcome, UnitState } from '#lib/juju/testing';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import type { Report } from '../../charm/actions/report.ts';
import { grafanaPerTest } from './gateway-grafana.ts';
import {
  changedNothing,
  datasourceWorld,
  gatewayWorld,
  grafanaSource,
  relationIn,
  runCharm,
  said,
  source,
  sourceData,
  withRelation,
  world,
} from './worlds.ts';

function reconcile(given: UnitState, actionParameters: Record<string, ActionValue> = {}) {
  const event = { kind: 'action', action: 'reconcile', actionId: '1' } as const;
  return runCharm(event, { ...given, actionParameters });
}

async function reported(given: UnitState): Promise<{ out: HookOutcome; report: Report }> {
  const out = await reconcile(given, { format: 'json' });
  return { out, report: JSON.parse(String(out.action.results.changes)) as Report };
}

/** The world after an action, for the next hook or action. */
const after = (out: HookOutcome): UnitState => ({ ...out.state, actionParameters: null });

suite('charm: action reconcile', () => {
  const { grafana } = grafanaPerTest();

  const two = () => [
    source('tempo', { units: { 0: 'http://t0' } }),
    source('loki', { app: 'http://loki', data: { type: 'loki' } }),
  ];
  const named = (url: string) => grafana.datasources().find((one) => one.url === url) ?? assert.fail(url);

  test('of a gateway says what it made, changed and deleted, by UID and name', async () => {
    // Given a gateway that has done nothing yet
    const made = await reported(gatewayWorld(grafana, two()));
    // Then all is made, answered and reported
    assert.equal(made.out.action.failure, null);
    const [tempo, loki] = [named('http://t0'), named('http://loki')];
    assert.deepEqual(
      made.report.datasources.map(({ kind, uid, name }) => [kind, uid, name]).toSorted(),
      [tempo, loki].map(({ uid, name }) => ['created', uid, name]).toSorted(),
    );
    assert.deepEqual(
      made.report.databags.map(({ endpoint, remoteApp, bag, keys }) => [endpoint, remoteApp, bag, keys]),
      [
        ['crosslink', 'app', 'app', ['leader']],
        ['datasources', 'tempo', 'app', ['datasource_uids', 'grafana_base_url', 'grafana_uid']],
        [
          'datasources',
          'loki',
          'app',
          ['app_datasource_uid', 'datasource_uids', 'grafana_base_url', 'grafana_uid'],
        ],
      ],
    );
    const status = { status: 'active', message: `2 datasources in ${grafana.url}`, changed: true };
    assert.deepEqual(made.report.status, status);
    assert.equal(made.out.action.results.total, '6');
    // When one of them is to change, and the other to go
    const given = after(made.out);
    const changed = withRelation(given, relationIn(given, 'datasources', 'loki'), {
      remoteAppData: {
        grafana_source_data: sourceData('loki', { type: 'loki' }),
        grafana_source_app_host: 'http://new',
      },
    });
    const gone = withRelation(changed, relationIn(changed, 'datasources', 'tempo'), { remoteAppData: {} });
    const { report } = await reported(gone);
    // Then that is what it says
    assert.deepEqual(report.datasources, [
      { kind: 'deleted', uid: tempo.uid, name: tempo.name },
      { kind: 'updated', uid: loki.uid, name: loki.name },
    ]);
    assert.deepEqual(
      grafana.datasources().map(({ url }) => url),
      ['http://new'],
    );
  });

  test('says so when there is nothing to do, and does nothing', async () => {
    const { state } = await runCharm('config-changed', gatewayWorld(grafana, two()));
    grafana.clearRequests();
    const out = await reconcile(state);
    assert.equal(out.action.results.total, '0');
    assert.equal(
      out.action.results.changes,
      `Nothing changed.\nStatus, as before\n  active: 2 datasources in ${grafana.url}`,
    );
    assert.deepEqual(grafana.writes, []);
    assert.ok(changedNothing(out));
  });

  test('is text for people by default, in lines of at most 80 columns but for longer names', async () => {
    const out = await reconcile(gatewayWorld(grafana, two()));
    const text = String(out.action.results.changes);
    const { uid, name } = named('http://t0');
    assert.ok(text.includes(`Datasources in Grafana\n`));
    assert.ok(text.includes(`  created ${uid}\n      named ${name}\n`), text);
    assert.ok(text.includes('  app databag of relation 1 (datasources, tempo)\n'), text);
    for (const line of text.split('\n')) {
      assert.ok(line.length <= 80 || line.trim().split(' ').length <= 2, line);
      assert.equal(line, line.trimEnd());
    }
  });

  test('does the same as a hook: databags and status are flushed', async () => {
    const other = await EmbeddedGrafana.start({ token: grafana.token });
    try {
      const byAction = after(await reconcile(gatewayWorld(grafana, two())));
      const { state: byHook } = await runCharm('update-status', gatewayWorld(other, two()));
      assert.equal(JSON.stringify(byAction).replaceAll(grafana.url, other.url), JSON.stringify(byHook));
    } finally {
      await other.stop();
    }
  });

  test('takes back what was said in a role that the application has no more', async () => {
    const given = world({
      relations: [grafanaSource('grafana', {}, { localAppData: { grafana_source_app_host: 'http://t' } })],
    });
    const out = await reconcile(given);
    assert.deepEqual(out.relation('grafana-source').localAppData, {});
  });

  test('of a datasource says which databags it wrote', async () => {
    const { report } = await reported(datasourceWorld([grafanaSource('grafana', {})]));
    assert.deepEqual(
      report.databags.map(({ endpoint, bag, keys }) => [endpoint, bag, keys]),
      [
        ['crosslink', 'app', ['leader']],
        ['grafana-source', 'app', ['grafana_source_app_host', 'grafana_source_data']],
        ['grafana-source', 'unit', ['grafana_source_host']],
      ],
    );
    assert.deepEqual(report.datasources, []);
  });

  test('on a follower does what a follower may, and says what it may not', async () => {
    const config = { 'datasource-type': 'tempo', 'datasource-url': 'http://t-{unit}:3200' };
    const relations = [source('loki', { app: 'http://loki' }), grafanaSource('grafana', {})];
    const given = gatewayWorld(grafana, relations, { leader: false, unit: 'app/1', config });
    const { out, report } = await reported(given);
    assert.equal(out.action.failure, null);
    assert.equal(report.leader, false);
    assert.equal(report.leftToLeader.length, 2);
    assert.deepEqual(
      report.databags.map(({ endpoint, bag }) => [endpoint, bag]),
      [['grafana-source', 'unit']],
    );
    assert.deepEqual(grafana.requests, []);
    assert.match(String((await reconcile(given)).action.results.changes), /juju run app\/leader reconcile/);
  });

  for (const [what, fault, remedy] of [
    ['is away', { drop: true }, /^start Grafana or correct grafana-url/],
    ['refuses the token', { status: 401 }, /^put a valid token/],
    ['can not be written to', { match: { method: 'POST' }, status: 403 }, /the role Admin$/],
    ['fails in the middle', { match: { method: 'POST' }, status: 500, times: 1 }, /^wait for Grafana/],
  ] as const) {
    test(`fails with the remedy when Grafana ${what}`, async () => {
      grafana.misbehave(fault);
      const out = await reconcile(gatewayWorld(grafana, two()));
      assert.match(out.action.failure ?? '', remedy);
      // And what could be done is done, and said
      const uids = grafana.datasources().map(({ uid }) => uid);
      for (const uid of uids) assert.ok(String(out.action.results.changes).includes(`created ${uid}`));
      assert.equal(uids.length, 'times' in fault ? 1 : 0);
      const later = await runCharm('update-status', after(out));
      grafana.behave();
      assert.ok(later.state.unitStatus.status !== 'active' || 'times' in fault);
    });
  }

  test('fails with what the operator has to mend', async () => {
    const out = await reconcile(world({ config: { 'datasource-type': 'temp' } }));
    assert.match(out.action.failure ?? '', /^datasource-type: expected one of/);
    assert.equal(out.state.unitStatus.status, 'blocked');
  });

  test('says no secret of a source', async () => {
    const data = { secure_extra_fields: { key: 'v4lue-one' } };
    const out = await reconcile(gatewayWorld(grafana, [source('tempo', { app: 'http://t', data })]), {
      format: 'json',
    });
    assert.ok(!said(out).includes('v4lue-one'));
  });

  suite('parameters', () => {
    for (const action of ['explain', 'reconcile', 'show-datasources']) {
      for (const [what, parameters, message] of [
        ['a format that there is not', { format: 'yaml' }, 'format: expected text or json'],
        ['a format that is no text', { format: 5 }, 'format: expected text or json'],
        ['a name that nobody knows', { fromat: 'json' }, 'unknown parameter fromat: the only one is format'],
      ] as const) {
        test(`of ${action}: ${what} fails it, and nothing is done`, async () => {
          const given = { ...gatewayWorld(grafana, two()), actionParameters: parameters };
          const out = await runCharm({ kind: 'action', action, actionId: '1' }, given);
          assert.deepEqual([out.action.failure, out.action.results], [message, {}]);
          assert.ok(changedNothing(out));
          assert.deepEqual(grafana.requests, []);
        });
      }
    }

    test('an action that this revision does not have says which there are', async () => {
      const out = await runCharm({ kind: 'action', action: 'backup', actionId: '1' }, world());
      assert.match(out.action.failure ?? '', /there are: explain, reconcile, show-datasources/);
    });
  });
});
