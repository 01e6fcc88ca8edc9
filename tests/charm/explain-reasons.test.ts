import assert from 'node:assert/strict';
import type { Config } from '#lib/juju';
import type { UnitState } from '#lib/juju/testing';
import { type Link, type ReasonCode, reasonCodes } from '#src/exchange';
import { datasourceWorld, exchange, grafanaSource, runCharm } from './worlds.ts';

const grafana = (app = 'grafana', uid = 'g1') =>
  grafanaSource(app, { grafana_uid: uid, datasource_uids: '{}', app_datasource_uid: `tempo-${uid}` });
const loki = exchange('loki', [['loki', 'loki-1', 'g1']]);
const logs = (config: Config) => datasourceWorld([grafana(), loki], { config });

interface Case {
  readonly given: UnitState;
  /** Of the traces-to-logs: where it points. */
  readonly to?: string;
  readonly message: RegExp;
  /** Empty where there is nothing to do. */
  readonly remedy: RegExp;
}

/** For each reason a world in which the traces-to-logs of a Tempo has it. */
const cases: Readonly<Record<ReasonCode, Case>> = {
  'no-grafana-relation': {
    given: datasourceWorld([loki]),
    message: /^not related to any Grafana$/,
    remedy: /^integrate endpoint grafana-source with a Grafana$/,
  },
  'grafana-silent': {
    given: datasourceWorld([grafanaSource('grafana', {}), loki]),
    message: /^grafana has not answered with a UID yet$/,
    remedy: /^wait, or look at the status of grafana$/,
  },
  'grafana-without-uid': {
    given: datasourceWorld([grafanaSource('old', { datasource_uids: '{"app/0": "tempo-1"}' }), loki]),
    message: /^old publishes no grafana_uid/,
    remedy: /^refresh old to a charm that publishes grafana_uid$/,
  },
  'no-exchange-relation': {
    given: datasourceWorld([grafana()]),
    message: /^no relation over which datasources are exchanged$/,
    remedy: /^integrate receive-datasource with send-datasource of a .*loki/,
  },
  'peer-silent': {
    given: datasourceWorld([grafana(), { endpoint: 'receive-datasource', remoteApp: 'loki' }]),
    message: /^loki has not published its datasources yet$/,
    remedy: /^wait, or look at the status of loki$/,
  },
  'peer-not-registered': {
    given: datasourceWorld([grafana(), exchange('loki', [])]),
    message: /^loki publishes no datasource: no Grafana has given it a UID$/,
    remedy: /^integrate loki with the same Grafana$/,
  },
  'no-suitable-peer': {
    given: datasourceWorld([grafana(), exchange('mimir', [['prometheus', 'mimir-1', 'g1']])]),
    message: /^no peer has a datasource of type .*loki/,
    remedy: /^integrate receive-datasource with send-datasource of a .*loki/,
  },
  'other-grafana': {
    given: datasourceWorld([
      grafana(),
      exchange('loki', [
        ['loki', 'loki-2', 'g2'],
        ['loki', 'loki-3', 'g3'],
      ]),
    ]),
    message: /^loki is registered with g2 and g3, app with grafana$/,
    remedy: /^integrate loki with grafana$/,
  },
  'databag-invalid': {
    given: datasourceWorld([
      grafana(),
      exchange('loki', '[{"type": "loki", "uid": 5, "grafana_uid": "g1"}]', { id: 7 }),
    ]),
    message: /^can't be read: datasources\[0\]\.uid from loki \(relation 7, receive-datasource\): /,
    remedy: /^report this to the authors of that charm/,
  },
  'lost-to-equal': {
    given: datasourceWorld([grafana(), loki, exchange('loki-two', [['loki', 'loki-9', 'g1']])]),
    to: 'loki-1',
    message: /^loki-two \(loki-9\) would do as well, but loki \(loki-1\) comes first$/,
    remedy: /^$/,
  },
  'kind-off': {
    given: logs({ correlations: 'service-map' }),
    message: /^config correlations does not list traces-to-logs$/,
    remedy: /^add traces-to-logs to config correlations$/,
  },
  'pinned-application-absent': {
    given: logs({ 'logs-app': 'other' }),
    message: /^config logs-app asks for other, and there is no exchange relation with it$/,
    remedy: /^integrate receive-datasource with other, or change config logs-app$/,
  },
  'set-by-operator': {
    given: logs({ 'json-data': 'tracesToLogsV2: {datasourceUid: mine}' }),
    to: 'mine',
    message: /^config json-data points tracesToLogsV2.* at mine$/,
    remedy: /^$/,
  },
  'removed-by-operator': {
    given: logs({ 'json-data': 'tracesToLogsV2: null' }),
    message: /^config json-data takes the link out of tracesToLogsV2/,
    remedy: /^take tracesToLogsV2.* out of config json-data$/,
  },
};

async function explained(given: UnitState, format: 'text' | 'json'): Promise<string> {
  const event = { kind: 'action', action: 'explain', actionId: '1' } as const;
  const { action } = await runCharm(event, { ...given, actionParameters: { format } });
  assert.equal(action.failure, null);
  return String(action.results.links);
}

suite('charm: action explain gives the reason, what is the case and what to do', () => {
  for (const code of reasonCodes) {
    const { given, to, message, remedy } = cases[code];
    test(code, async () => {
      const links = JSON.parse(await explained(given, 'json')) as Link[];
      const link = links.find(({ kind }) => kind === 'traces-to-logs');
      assert.equal(link?.to?.uid, to);
      const found = link?.reasons.find((one) => one.code === code);
      assert.ok(found !== undefined, JSON.stringify(link));
      assert.match(found.message, message);
      assert.match(found.remedy, remedy);
      // The text is broken into lines.
      const text = (await explained(given, 'text')).replace(/\s+/g, ' ');
      // What is said of a link that is there is no reason why it is not: there the text has no code.
      assert.ok(text.includes(to === undefined ? `${code}: ${found.message}` : found.message), text);
      assert.ok(text.toLowerCase().includes(found.remedy.toLowerCase()), text);
    });
  }
});

suite('charm: unit status', () => {
  test('says how many of the links there are, in how many Grafanas', async () => {
    const peers = [
      exchange('loki', [
        ['loki', 'loki-1', 'g1'],
        ['loki', 'loki-2', 'g2'],
      ]),
      exchange('mimir', [['prometheus', 'mimir-1', 'g1']]),
    ];
    const given = datasourceWorld([grafana('grafana', 'g1'), grafana('grafana-two', 'g2'), ...peers]);
    const { unitStatus } = (await runCharm('config-changed', given)).state;
    // Logs in both, the service map and metrics in one.
    assert.deepEqual(unitStatus, { status: 'active', message: '4 of 8 links in 2 Grafanas' });
  });
});
