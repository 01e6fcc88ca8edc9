import assert from 'node:assert/strict';
import type { ActionValue } from '#lib/juju';
import { type HookOutcome, noChanges, type UnitState } from '#lib/juju/testing';
import { type Link, reasonCodes } from '#src/exchange';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import {
  datasourceWorld,
  exchange,
  gatewayWorld,
  grafanaSource,
  modelUuid,
  runCharm,
  source,
  world,
} from './worlds.ts';

const answer = { grafana_uid: 'g1', datasource_uids: '{}', app_datasource_uid: 'tempo-1' };

function explain(given: UnitState, actionParameters: Record<string, ActionValue> = {}): Promise<HookOutcome> {
  const event = { kind: 'action', action: 'explain', actionId: '1' } as const;
  return runCharm(event, { ...given, actionParameters });
}

function links({ action }: HookOutcome): Link[] {
  assert.equal(typeof action.results.links, 'string');
  return JSON.parse(String(action.results.links)) as Link[];
}

suite('charm: action explain', () => {
  const linked = () =>
    datasourceWorld([
      grafanaSource('grafana', answer),
      exchange('mimir', [
        ['prometheus', 'mimir-1', 'g1'],
        ['prometheus', 'mimir-2', 'g1'],
      ]),
      exchange('loki', [['loki', 'loki-9', 'g9']]),
    ]);

  test('shows as text, by default, where each link points or why it does not', async () => {
    for (const parameters of [{}, { format: 'text' }] as const) {
      const { action } = await explain(linked(), parameters);
      assert.equal(action.failure, null);
      assert.equal(action.results.linked, '2');
      assert.equal(action.results.total, '4');
      const text = String(action.results.links);
      assert.match(text, /^Grafana g1\n/);
      assert.match(text, /tempo-1 {2}service-map -> mimir-1 \(mimir\)/);
      assert.match(
        text,
        /tempo-1 {2}traces-to-logs: not linked\n {6}other-grafana: loki is registered with g9/,
      );
      assert.match(text, /To mend it,\s+integrate loki with grafana\./);
    }
  });

  test('keeps its text within 80 columns, but for words that are longer alone', async () => {
    const long = `juju_a-model-with-quite-a-long-name_${modelUuid}_tempo_0`;
    for (const given of [
      linked(),
      world(),
      datasourceWorld(),
      datasourceWorld([grafanaSource('grafana', {})]),
      datasourceWorld([
        grafanaSource('grafana', { ...answer, app_datasource_uid: long, grafana_uid: `${long}x` }),
        exchange('mimir', [['prometheus', `${long}y`, `${long}x`]]),
        exchange('loki', '{'),
        exchange('tempo-two', []),
      ]),
    ]) {
      const text = String((await explain(given)).action.results.links);
      for (const line of text.split('\n')) {
        const longest = Math.max(
          ...line
            .trim()
            .split(' ')
            .map((word) => word.length),
        );
        assert.ok(line.length <= 80 || longest > 60, line);
        assert.equal(line, line.trimEnd());
      }
    }
  });

  test('gives programs JSON, with a code for every reason', async () => {
    const out = await explain(linked(), { format: 'json' });
    const all = links(out);
    assert.deepEqual(
      all.map(({ kind, to }) => [kind, to?.uid ?? null]),
      [
        ['service-map', 'mimir-1'],
        ['traces-to-logs', null],
        ['traces-to-metrics', 'mimir-1'],
        ['traces-to-profiles', null],
      ],
    );
    for (const { grafanaUid, from, reasons } of all) {
      assert.equal(grafanaUid, 'g1');
      assert.deepEqual(from, { app: 'app', uid: 'tempo-1', type: 'tempo' });
      for (const { code } of reasons) assert.ok(reasonCodes.includes(code));
    }
    assert.deepEqual(
      all[0]?.reasons.map(({ code }) => code),
      ['lost-to-equal'],
    );
  });

  for (const [what, relations, code] of [
    ['no Grafana is related', [], 'no-grafana-relation'],
    ['the Grafana has not answered', [grafanaSource('grafana', {})], 'grafana-silent'],
    [
      'the Grafana does not say who it is',
      [grafanaSource('old', { datasource_uids: '{"app/0":"u"}' })],
      'grafana-without-uid',
    ],
    ['nobody exchanges', [grafanaSource('grafana', answer)], 'no-exchange-relation'],
    [
      'a peer is silent',
      [grafanaSource('grafana', answer), { endpoint: 'receive-datasource' }],
      'peer-silent',
    ],
    [
      'a peer is in no Grafana',
      [grafanaSource('grafana', answer), exchange('mimir', [])],
      'peer-not-registered',
    ],
    ['a peer can not be read', [grafanaSource('grafana', answer), exchange('mimir', '{')], 'databag-invalid'],
  ] as const) {
    test(`says so when ${what}`, async () => {
      const all = links(await explain(datasourceWorld(relations), { format: 'json' }));
      assert.equal(all.length, 4);
      for (const { to, reasons } of all) {
        assert.equal(to, null);
        assert.ok(
          reasons.some((one) => one.code === code),
          JSON.stringify(reasons),
        );
      }
    });
  }

  test('says of an application that is no datasource that it is none', async () => {
    const out = await explain(world());
    assert.deepEqual(out.action.results, {
      linked: '0',
      total: '0',
      links: 'This application is no datasource that could link to others.',
    });
    assert.deepEqual(links(await explain(world(), { format: 'json' })), []);
  });

  test('gives the same on a follower', async () => {
    const leader = await explain(linked(), { format: 'json' });
    const follower = await explain({ ...linked(), leader: false }, { format: 'json' });
    assert.deepEqual(follower.action, leader.action);
  });

  test('changes nothing: databags, status and Grafana stay as they are', async () => {
    const grafana = await EmbeddedGrafana.start();
    try {
      const given = gatewayWorld(grafana, [source('tempo', { app: 'http://tempo' })]);
      for (const out of [await explain(given), await explain(linked())]) {
        assert.deepEqual(out.changes, noChanges);
        assert.deepEqual(out.statuses, []);
      }
      assert.deepEqual(grafana.writes, []);
    } finally {
      await grafana.stop();
    }
  });

  test('works while Grafana is down', async () => {
    const given = gatewayWorld({ url: 'http://127.0.0.1:1', token: 'glsa_x' }, [], {
      config: { 'datasource-type': 'tempo', 'datasource-url': 'http://tempo' },
    });
    assert.equal((await explain(given)).action.results.total, '4');
  });
});
