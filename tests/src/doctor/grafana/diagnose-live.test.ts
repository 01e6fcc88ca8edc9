import assert from 'node:assert/strict';
import { liveFindingCodes } from '#src/doctor';
import { diagnoseGrafana, type LiveGrafana } from '../../../../src/doctor/grafana/index.ts';
import type { JsonObject } from '../../../../src/relations/python-json.ts';
import { type Given, grafanaOf, healthy, loki, prometheus, pyroscope, tempo, wellLinked } from './live.ts';

/** `code datasource path` of each finding, by what stops most. */
function codes(live: LiveGrafana, prefer: readonly string[] = []): string[] {
  const { findings } = diagnoseGrafana(live, new Set(prefer));
  return findings.map(({ code, where }) => `${code} ${where.datasource} ${where.path}`);
}

/** Those of the healthy Grafana, of which this one datasource is another. */
function instead(...changed: readonly Given[]): LiveGrafana {
  const others = healthy().datasources.filter(({ uid }) => !changed.some((one) => one.uid === uid));
  return grafanaOf(...others, ...changed);
}

const juju = (app: string) => `juju_cos_0d5ba2a5-30f5-4a26-8d1c-6a9e2a3b4c5d_${app}`;

suite('a Grafana by itself', () => {
  test('is healthy where every link leads to what it should', () => {
    const { healthy: well, findings, notes, links, grafanas } = diagnoseGrafana(healthy());
    assert.ok(well);
    assert.deepEqual([findings, notes], [[], []]);
    assert.deepEqual(
      links.map(({ from, kind, to }) => `${from.uid} ${kind} ${to?.uid}`),
      [
        'prom metrics-to-traces tempo',
        'loki logs-to-traces tempo',
        'tempo service-map prom',
        'tempo traces-to-logs loki',
        'tempo traces-to-metrics prom',
        'tempo traces-to-profiles pyro',
      ],
    );
    assert.deepEqual(grafanas[0]?.datasources[0], {
      uid: 'prom',
      type: 'prometheus',
      name: 'Name of prom',
      readOnly: false,
      app: null,
      model: null,
      unit: null,
    });
  });

  const faults: readonly [what: string, jsonData: JsonObject, finding: string, message: RegExp][] = [
    [
      'a UID of no datasource',
      { ...wellLinked, serviceMap: { datasourceUid: 'gone' } },
      'uid-dangling tempo .serviceMap.datasourceUid',
      /^service-map leads to gone, and there is no such datasource$/,
    ],
    [
      'the name of a datasource, of which it says the UID',
      { ...wellLinked, serviceMap: { datasourceUid: 'Name of prom' } },
      'name-as-uid tempo .serviceMap.datasourceUid',
      /Name of prom, which is the name of a datasource whose UID is prom$/,
    ],
    [
      'the number of a datasource',
      { ...wellLinked, serviceMap: { datasourceUid: '1' } },
      'name-as-uid tempo .serviceMap.datasourceUid',
      /1, which is the number of a datasource whose UID is prom$/,
    ],
    [
      'a datasource of another type',
      { ...wellLinked, serviceMap: { datasourceUid: 'loki' } },
      'link-wrong-type tempo .serviceMap.datasourceUid',
      /Name of loki \(loki\), a loki, where Grafana wants a prometheus$/,
    ],
    [
      'a datasource of another type by its name: the type is what is wrong',
      { ...wellLinked, serviceMap: { datasourceUid: 'Name of loki' } },
      'link-wrong-type tempo .serviceMap.datasourceUid',
      /a loki/,
    ],
    [
      'the datasource itself',
      { ...wellLinked, tracesToMetrics: { datasourceUid: 'tempo' } },
      'link-to-itself tempo .tracesToMetrics.datasourceUid',
      /leads to the datasource itself, where Grafana wants a prometheus$/,
    ],
    [
      'what the older key of Grafana names, while the newer is absent',
      { ...wellLinked, tracesToLogsV2: null, tracesToLogs: { datasourceUid: 'gone' } },
      'uid-dangling tempo .tracesToLogs.datasourceUid',
      /^traces-to-logs leads to gone/,
    ],
    [
      'a key that crosslink never writes',
      { ...wellLinked, lokiSearch: { datasourceUid: 'prom' } },
      'link-wrong-type tempo .lokiSearch.datasourceUid',
      /where Grafana wants a loki/,
    ],
    [
      'a key that nobody knows, deep inside',
      { ...wellLinked, custom: [{ deep: { datasourceUid: 'gone' } }] },
      'uid-dangling tempo .custom[0].deep.datasourceUid',
      /^custom leads to gone/,
    ],
    [
      'an Alertmanager that is not there',
      { ...wellLinked, alertmanagerUid: 'gone' },
      'uid-dangling tempo .alertmanagerUid',
      /^alertmanagerUid leads to gone/,
    ],
    [
      'a dollar that is doubled as in a provisioning file',
      {
        ...wellLinked,
        tracesToLogsV2: { datasourceUid: 'loki', query: '{$$__tags} |= "$${__span.traceId}"' },
      },
      'dollar-doubled tempo .tracesToLogsV2.query',
      /doubled/,
    ],
  ];
  for (const [what, jsonData, expected, message] of faults) {
    test(`shows a link by ${what}`, () => {
      const live = instead(tempo(jsonData));
      assert.deepEqual(codes(live), [expected]);
      assert.match(diagnoseGrafana(live).findings[0]?.message ?? '', message);
    });
  }

  test('has an example of each thing that only a look at Grafana shows', () => {
    const codes = new Set([...faults.map(([, , finding]) => finding.split(' ')[0]), 'could-be-linked']);
    for (const code of liveFindingCodes) assert.ok(codes.has(code), code);
  });

  test('shows a link by the word for the default datasource, which may be another one tomorrow', () => {
    const { datasources } = instead(tempo({ ...wellLinked, serviceMap: { datasourceUid: 'default' } }));
    const live = grafanaOf(...datasources.map((one) => ({ ...one, isDefault: one.uid === 'prom' })));
    assert.deepEqual(codes(live), ['name-as-uid tempo .serviceMap.datasourceUid']);
  });

  const fine: readonly [what: string, live: LiveGrafana][] = [
    ['a variable', instead(tempo({ ...wellLinked, serviceMap: { datasourceUid: '${source}' } }))],
    ['what is built into Grafana', instead(tempo({ ...wellLinked, alertmanagerUid: 'grafana' }))],
    [
      'a plugin that may be of the right kind for all that is known',
      instead(
        { uid: 'splunk', type: 'grafana-splunk-datasource' },
        tempo({ ...wellLinked, tracesToLogsV2: { datasourceUid: 'splunk' } }),
      ),
    ],
    [
      'an older key that Grafana reads no more, since there is the newer',
      instead(tempo({ ...wellLinked, tracesToLogs: { datasourceUid: 'gone' } })),
    ],
    [
      'a dollar that Grafana wants',
      instead(tempo({ ...wellLinked, tracesToLogsV2: { datasourceUid: 'loki', query: '{$__tags} $$ x' } })),
    ],
  ];
  for (const [what, live] of fine)
    test(`has nothing against ${what}`, () => assert.deepEqual(codes(live), []));

  test("takes it as it is where Canonical's charm of Grafana links by the names that it gave", () => {
    const live = grafanaOf(
      { uid: 'P1', name: juju('mimir_0'), type: 'prometheus', readOnly: true, jsonData: {} },
      { uid: 'P2', name: juju('mimir_1'), type: 'prometheus', readOnly: true, jsonData: {} },
      {
        uid: 'P3',
        name: juju('tempo_0'),
        type: 'tempo',
        readOnly: true,
        jsonData: { serviceMap: { datasourceUid: juju('mimir_0') } },
      },
      { uid: 'P4', name: juju('tempo_1'), type: 'tempo', readOnly: true, jsonData: {} },
    );
    const { findings, notes } = diagnoseGrafana(live);
    assert.deepEqual(findings, []);
    assert.deepEqual(
      notes.map(({ code, where }) => [code, where.datasource]),
      [['names-handed-out', 'P3']],
    );
  });

  test('names what could be linked, and is not', () => {
    const live = grafanaOf(prometheus, loki, pyroscope, tempo({}));
    assert.deepEqual(codes(live), [
      'could-be-linked prom .exemplarTraceIdDestinations',
      'could-be-linked loki .derivedFields',
      'could-be-linked tempo .serviceMap',
      'could-be-linked tempo .tracesToLogsV2',
      'could-be-linked tempo .tracesToMetrics',
      'could-be-linked tempo .tracesToProfiles',
    ]);
  });

  test('takes no side where several would do, and says how to', () => {
    const live = grafanaOf(prometheus, { ...prometheus, uid: 'thanos' }, tempo({}));
    const link = diagnoseGrafana(live).links.find(({ kind }) => kind === 'service-map');
    assert.deepEqual(
      link?.reasons.map(({ code }) => code),
      ['several-candidates'],
    );
    assert.match(link?.reasons[0]?.message ?? '', /Name of prom \(prom\) or Name of thanos \(thanos\)/);
    assert.match(link?.reasons[0]?.remedy ?? '', /--prefer UID/);
    assert.ok(codes(live).every((code) => !code.includes(' tempo ')));
    assert.ok(codes(live, ['thanos']).includes('could-be-linked tempo .serviceMap'));
  });

  test('holds nothing against a datasource that nothing could be linked to', () => {
    const { findings, links } = diagnoseGrafana(grafanaOf(tempo({})));
    assert.deepEqual(findings, []);
    assert.deepEqual(
      [...new Set(links.flatMap(({ reasons }) => reasons.map(({ code }) => code)))],
      ['no-datasource'],
    );
  });

  test('says of a read-only datasource that only its file can change it', () => {
    const [finding] = diagnoseGrafana(
      instead(tempo({ ...wellLinked, serviceMap: { datasourceUid: 'gone' } }, { readOnly: true })),
    ).findings;
    assert.match(finding?.remedy ?? '', /^change the provisioning file/);
  });

  test('sends to Juju for what a crosslink gateway keeps', () => {
    const crosslink = { gateway: 'g', uid: 'tempo', keys: ['serviceMap'], secureKeys: [] };
    const [finding] = diagnoseGrafana(
      instead(tempo({ ...wellLinked, serviceMap: { datasourceUid: 'gone' }, crosslink })),
    ).findings;
    assert.match(finding?.remedy ?? '', /crosslink doctor --juju .* crosslink gateway g would undo/);
  });
});
