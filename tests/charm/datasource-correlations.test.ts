import assert from 'node:assert/strict';
import type { Config, Databag } from '#lib/juju';
import { correlationsKey, type SourceCorrelation } from '#src/relations/grafana-datasource';
import {
  changedNothing,
  datasourceWorld,
  exchange,
  grafanaSource,
  relationIn,
  runCharm,
  said,
} from './worlds.ts';

const here = 'grafana-here';
const taking = { grafana_uid: here, app_datasource_uid: 'mimir-own', [correlationsKey]: 'true' };
const mimir = { 'datasource-type': 'mimir', 'datasource-url': 'http://mimir' };

const toLoki = () => exchange('loki', [['loki', 'loki-0', here]]);

suite('charm: what a datasource asks to be made with the Correlations API', () => {
  async function settled(answer: Databag, config: Config = {}, peers = [toLoki()]) {
    const given = datasourceWorld([grafanaSource('grafana', answer), ...peers], {
      config: { ...mimir, ...config },
    });
    return runCharm('config-changed', given);
  }

  function asked(out: Awaited<ReturnType<typeof settled>>): SourceCorrelation[] | undefined {
    const text = relationIn(out.state, 'grafana-source').localAppData[correlationsKey];
    return text === undefined ? undefined : (JSON.parse(text) as SourceCorrelation[]);
  }

  test('is said to a Grafana that takes it, for its own datasources there', async () => {
    const out = await settled(taking);
    assert.deepEqual(
      asked(out)?.map(({ kind, target }) => ({ kind, target })),
      [{ kind: 'metrics-to-logs', target: 'loki-0' }],
    );
    const again = await runCharm('update-status', out.state);
    assert.ok(changedNothing(again), said(again));
  });

  test('is not said to any other: its databag is the same to the byte', async () => {
    const { [correlationsKey]: _, ...silent } = taking;
    const told = relationIn((await settled(silent)).state, 'grafana-source').localAppData;
    const { [correlationsKey]: more, ...rest } = relationIn(
      (await settled(taking)).state,
      'grafana-source',
    ).localAppData;
    assert.deepEqual(rest, told);
    assert.ok(more !== undefined);
  });

  test('names no datasource of another Grafana, and nothing is written where there is none', async () => {
    const elsewhere = exchange('loki', [['loki', 'loki-0', 'elsewhere']]);
    assert.equal(asked(await settled(taking, {}, [elsewhere])), undefined);
    const both = exchange('other-loki', [
      ['loki', 'far', 'elsewhere'],
      ['loki', 'near', here],
    ]);
    assert.deepEqual(
      asked(await settled(taking, {}, [elsewhere, both]))?.map(({ target }) => target),
      ['near'],
    );
  });

  test('has one for each application that fits, and says which in the label', async () => {
    const units = exchange('loki', [
      ['loki', 'loki-1', here],
      ['loki', 'loki-0', here],
    ]);
    const out = await settled(taking, {}, [units, exchange('audit', [['loki', 'audit-0', here]])]);
    assert.deepEqual(
      asked(out)?.map(({ label, target }) => [target, label]),
      [
        ['audit-0', 'Logs of this application in audit'],
        ['loki-0', 'Logs of this application in loki'],
      ],
    );
  });

  test('follows the operator: kinds that are switched off, applications that are pinned', async () => {
    for (const config of [
      { correlations: 'none' },
      { correlations: 'metrics-to-traces' },
      { 'logs-app': 'x' },
    ]) {
      assert.equal(asked(await settled(taking, config)), undefined, JSON.stringify(config));
    }
    assert.equal(asked(await settled(taking, { correlations: 'metrics-to-logs' }))?.length, 1);
  });

  test('is taken back when that Grafana takes it no more, and when the role ends', async () => {
    const out = await settled(taking);
    const relation = relationIn(out.state, 'grafana-source');
    const changed = { ...relation, remoteAppData: { grafana_uid: here, app_datasource_uid: 'mimir-own' } };
    const relations = out.state.relations.map((one) => (one === relation ? changed : one));
    assert.equal(asked(await runCharm('config-changed', { ...out.state, relations })), undefined);
    const none = { ...out.state, config: {} };
    assert.deepEqual(
      relationIn((await runCharm('config-changed', none)).state, 'grafana-source').localAppData,
      {},
    );
  });

  test('is in the result of explain', async () => {
    const event = { kind: 'action', action: 'explain', actionId: '1' } as const;
    const { state } = await settled(taking);
    const json = await runCharm(event, { ...state, actionParameters: { format: 'json' } });
    assert.deepEqual(JSON.parse(String(json.action.results.correlations)), [
      { grafanaUid: here, kind: 'metrics-to-logs', to: { app: 'loki', uid: 'loki-0' } },
    ]);
    const text = await runCharm(event, state);
    assert.match(String(text.action.results.correlations), /metrics-to-logs to loki \(loki-0\)/);
    const { [correlationsKey]: _, ...silent } = taking;
    const other = await runCharm(event, (await settled(silent)).state);
    assert.equal(other.action.results.correlations, undefined);
  });
});
