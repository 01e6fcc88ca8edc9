import assert from 'node:assert/strict';
import type { ReportedLink, ScenarioResult } from '#src/local';
import { differences } from '../../../src/local/expectations.ts';
import { Scenario } from '../../../src/local/scenario.ts';

const scenario = Scenario.parse({
  name: 'small',
  grafanas: { main: {} },
  applications: { tempo: {} },
  expect: {
    datasources: { main: 2 },
    links: [
      { in: 'main', from: 'tempo', kind: 'traces-to-logs', to: 'loki' },
      { in: 'main', from: 'tempo', kind: 'service-map', to: null, because: 'no-suitable-peer' },
    ],
    status: { tempo: 'active' },
  },
});

const from = { app: 'tempo', uid: 't', type: 'tempo' };
const loki = { app: 'loki', uid: 'l', type: 'loki' };
const linked: ReportedLink = { grafanaUid: 'g', from, kind: 'traces-to-logs', to: loki, reasons: [] };
const reason = { code: 'no-suitable-peer', message: 'no peer', remedy: '' };
const missing: ReportedLink = { grafanaUid: 'g', from, kind: 'service-map', to: null, reasons: [reason] };
const tempoInGrafana = {
  uid: 't',
  name: 'tempo',
  type: 'tempo',
  jsonData: { tracesToLogsV2: { datasourceUid: 'l' } },
};
const lokiInGrafana = { uid: 'l', name: 'loki', type: 'loki', jsonData: {} };
const main = {
  name: 'main',
  grafanaUid: 'g',
  url: 'http://main',
  datasources: [tempoInGrafana, lokiInGrafana],
};
const unit = { name: 'tempo/0', leader: true, status: 'active', message: '' };

const good: ScenarioResult = {
  scenario: 'small',
  settled: true,
  hooks: 1,
  failedHooks: 0,
  applications: [{ name: 'tempo', units: [unit] }],
  grafanas: [main],
  links: [linked, missing],
  restless: [],
  differences: [],
};

suite('what is otherwise than a scenario expects', () => {
  test('is nothing when everything holds', () => assert.deepEqual(differences(scenario, good), []));

  test('a correlation that is missing, and one that is too many', () => {
    const asking = Scenario.parse({
      ...scenario,
      expect: {
        ...scenario.expect,
        correlations: [{ in: 'main', from: 'mimir', kind: 'metrics-to-logs', to: ['loki', 'audit'] }],
      },
    });
    const correlations = ['audit', 'loki'].map((to) => ({ kind: 'metrics-to-logs', from: 'mimir', to }));
    const withThese = (some: typeof correlations) => ({
      ...good,
      grafanas: [{ ...main, correlations: some }],
    });
    assert.deepEqual(differences(asking, withThese(correlations)), []);
    assert.deepEqual(
      differences(asking, withThese([{ kind: 'x', from: 'a', to: 'b' }, ...correlations.slice(1)])),
      [
        'Grafana main: expected the correlation metrics-to-logs from mimir to audit',
        'Grafana main: did not expect the correlation x from a to b',
      ],
    );
  });

  const bad: Record<string, [changes: Partial<ScenarioResult>, expected: RegExp]> = {
    'a model that did not settle': [{ settled: false }, /^the model did not settle$/],
    'a datasource that is missing': [
      { grafanas: [{ ...main, datasources: [tempoInGrafana] }], links: [missing] },
      /^Grafana main: expected 2 datasources, found 1 \(tempo\)$/m,
    ],
    'a unit in another status': [
      { applications: [{ name: 'tempo', units: [{ ...unit, status: 'blocked', message: 'do it' }] }] },
      /^tempo\/0: expected active, found blocked: do it$/,
    ],
    'an application without units': [{ applications: [] }, /^tempo: .* found no units$/],
    'a link to nobody': [
      { links: [{ ...linked, to: null, reasons: [reason] }, missing] },
      /^traces-to-logs of tempo in main: expected loki, found no link \(no peer\)$/,
    ],
    'a link to another application': [
      { links: [{ ...linked, to: { ...loki, app: 'other' } }, missing] },
      /expected loki, found other$/,
    ],
    'one of two datasources that is not linked': [
      { links: [linked, { ...linked, from: { ...from, uid: 't2' }, to: null }, missing] },
      /expected loki, found no link$/,
    ],
    'a link that nobody explains': [{ links: [linked] }, /^service-map of tempo in main: .* found nothing/],
    'another reason': [
      { links: [linked, { ...missing, reasons: [{ ...reason, code: 'peer-silent' }] }] },
      /expected the reason no-suitable-peer, found peer-silent$/,
    ],
    'a link that is not in Grafana': [
      { grafanas: [{ ...main, datasources: [{ ...tempoInGrafana, jsonData: {} }, lokiInGrafana] }] },
      /^traces-to-logs of t in main: l is not in its jsonData$/,
    ],
    'a unit that writes although all has been said': [
      { restless: ['tempo/0 wrote x into a databag'] },
      /^update-status: tempo\/0 wrote x into a databag$/,
    ],
    'a link to a UID that Grafana does not have': [
      { grafanas: [{ ...main, datasources: [tempoInGrafana, { ...lokiInGrafana, uid: 'x' }] }] },
      /^traces-to-logs of t in main: Grafana has no l$/,
    ],
  };
  for (const [what, [changes, expected]] of Object.entries(bad)) {
    test(what, () => assert.match(differences(scenario, { ...good, ...changes }).join('\n'), expected));
  }
});
