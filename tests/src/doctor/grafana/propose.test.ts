import assert from 'node:assert/strict';
import fc from 'fast-check';
import { correlationTable } from '#src/exchange';
import { diagnoseGrafana, type LiveGrafana, propose } from '../../../../src/doctor/grafana/index.ts';
import type { Json, JsonObject } from '../../../../src/relations/python-json.ts';
import { anyGrafana, anyPreference } from './arbitrary-grafana.ts';
import { type Given, grafanaOf, loki, prometheus, pyroscope, tempo } from './live.ts';

const none: ReadonlySet<string> = new Set();

/** What Grafana holds once everything that was proposed is written. */
function mended(live: LiveGrafana, prefer = none): LiveGrafana {
  const after = new Map(
    propose(live, prefer).proposals.map(({ datasource, jsonData }) => [datasource.uid, jsonData]),
  );
  return {
    ...live,
    datasources: live.datasources.map((one) => ({ ...one, jsonData: after.get(one.uid) ?? one.jsonData })),
  };
}

/** The `jsonData` of one datasource, once everything is written. */
function jsonDataOf(uid: string, live: LiveGrafana, prefer = none): JsonObject {
  return mended(live, prefer).datasources.find((one) => one.uid === uid)?.jsonData ?? {};
}

/** Keys of `jsonData` that hold links, or may. */
const linkKeys = new Set([
  ...['serviceMap', 'tracesToLogs', 'tracesToLogsV2', 'tracesToMetrics', 'tracesToProfiles', 'lokiSearch'],
  ...['derivedFields', 'exemplarTraceIdDestinations', 'dataLinks', 'someLink', 'alertmanagerUid'],
]);

suite('what --fix proposes', () => {
  test('leaves nothing to propose, whatever there is', () => {
    fc.assert(
      fc.property(anyGrafana, anyPreference, (live, prefer) => {
        const after = mended(live, prefer);
        assert.deepEqual(propose(after, prefer).proposals, []);
      }),
      { numRuns: 500 },
    );
  });

  test('touches nothing but keys that hold links, and only of datasources that it names', () => {
    fc.assert(
      fc.property(anyGrafana, anyPreference, (live, prefer) => {
        const outside = ({ jsonData }: { jsonData: JsonObject }) =>
          Object.fromEntries(Object.entries(jsonData).filter(([key]) => !linkKeys.has(key)));
        for (const { datasource, jsonData, changes } of propose(live, prefer).proposals) {
          assert.deepEqual(outside({ jsonData }), outside(datasource));
          assert.notDeepEqual(jsonData, datasource.jsonData);
          assert.ok(changes.length > 0);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('never makes it worse: no finding comes up that was not there', () => {
    fc.assert(
      fc.property(anyGrafana, anyPreference, (live, prefer) => {
        const key = ({ code, where }: { code: string; where: { datasource: string | null } }) =>
          `${code} ${where.datasource}`;
        const before = new Set(diagnoseGrafana(live, prefer).findings.map(key));
        for (const finding of diagnoseGrafana(mended(live, prefer), prefer).findings) {
          assert.ok(before.has(key(finding)), key(finding));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('mends all that is found, but for what several would do for, what a charm keeps, and what nobody knows', () => {
    fc.assert(
      fc.property(anyGrafana, (live) => {
        const charmed = new Set(propose(live, none).kept.map(({ datasource }) => datasource.uid));
        const left = diagnoseGrafana(mended(live)).findings.filter(
          ({ where, remedy }) => !charmed.has(where.datasource ?? '') && !remedy.includes('--prefer'),
        );
        for (const { code, where } of left) {
          // Of read-only ones the report says what to do, whether or not several would do.
          const known = live.datasources.find(({ uid }) => uid === where.datasource);
          const [, key = '', rest] = /^\.([^.[]+)(.*)$/.exec(where.path ?? '') ?? [];
          const keys = correlationTable.get(known?.type ?? '')?.links.map((link) => link.key) ?? [];
          const isOurs = [...keys, 'lokiSearch', 'alertmanagerUid'].includes(key);
          const isDeep = !/^(\[\d+\])?(\.datasourceUid)?$/.test(rest ?? '');
          const isKept = JSON.stringify(known?.jsonData.crosslink ?? '').includes(`"${key}"`);
          assert.ok(known?.readOnly || isKept || isDeep || !isOurs, `${code} ${where.path}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  const gone = { datasourceUid: 'gone' };
  const changes: readonly [
    what: string,
    others: readonly Given[],
    jsonData: JsonObject,
    after: JsonObject,
  ][] = [
    [
      'points a link that leads nowhere at the only datasource that would do, and keeps the rest of it',
      [prometheus],
      { tracesToMetrics: { ...gone, queries: [{ query: 'up' }] }, serviceMap: { datasourceUid: 'prom' } },
      {
        tracesToMetrics: { datasourceUid: 'prom', queries: [{ query: 'up' }] },
        serviceMap: { datasourceUid: 'prom' },
      },
    ],
    [
      'takes out a link that leads nowhere, where nothing would do',
      [],
      { serviceMap: gone, tracesToMetrics: { ...gone, queries: [{ query: 'up' }] }, search: { hide: true } },
      { tracesToMetrics: { queries: [{ query: 'up' }] }, search: { hide: true } },
    ],
    [
      'leaves a link that leads nowhere, where several would do',
      [prometheus, { ...prometheus, uid: 'thanos' }],
      { serviceMap: gone, tracesToMetrics: { datasourceUid: 'prom' } },
      { serviceMap: gone, tracesToMetrics: { datasourceUid: 'prom' } },
    ],
    [
      'writes the UID in place of a name',
      [prometheus],
      { serviceMap: { datasourceUid: 'Name of prom' }, tracesToMetrics: { datasourceUid: 'prom' } },
      { serviceMap: { datasourceUid: 'prom' }, tracesToMetrics: { datasourceUid: 'prom' } },
    ],
    [
      'writes the UID in place of a name in a key that nobody knows, and takes nothing out of one',
      [],
      { some: { datasourceUid: 'Name of tempo' }, other: { datasourceUid: 'gone' } },
      { some: { datasourceUid: 'tempo' }, other: { datasourceUid: 'gone' } },
    ],
    [
      'fills in a datasource where somebody wrote the rest of a link',
      [loki],
      { tracesToLogsV2: { datasourceUid: '', tags: [{ key: 'pod' }], filterByTraceID: true } },
      { tracesToLogsV2: { datasourceUid: 'loki', tags: [{ key: 'pod' }], filterByTraceID: true } },
    ],
    [
      'writes one dollar for two',
      [loki],
      { tracesToLogsV2: { datasourceUid: 'loki', query: '{$$__tags} |= "$${__span.traceId}" $$' } },
      { tracesToLogsV2: { datasourceUid: 'loki', query: '{$__tags} |= "${__span.traceId}" $$' } },
    ],
  ];
  for (const [what, others, jsonData, after] of changes) {
    test(what, () => assert.deepEqual(jsonDataOf('tempo', grafanaOf(...others, tempo(jsonData))), after));
  }

  test('makes the links of the matrix, that of a span by the name of its service', () => {
    const after = jsonDataOf(
      'tempo',
      grafanaOf(prometheus, loki, pyroscope, tempo({ search: { hide: true } })),
    );
    assert.deepEqual(after, {
      search: { hide: true },
      serviceMap: { datasourceUid: 'prom' },
      tracesToLogsV2: {
        datasourceUid: 'loki',
        tags: [{ key: 'service.name', value: 'service_name' }],
        filterByTraceID: false,
        filterBySpanID: false,
        customQuery: true,
        query: '{ $__tags } |= "${__span.traceId}"',
      },
      tracesToMetrics: {
        datasourceUid: 'prom',
        tags: [{ key: 'service.name', value: 'service' }],
        queries: [{ name: 'All metrics', query: '{$__tags}' }],
      },
      tracesToProfiles: {
        datasourceUid: 'pyro',
        tags: [{ key: 'service.name', value: 'service_name' }],
        profileTypeId: 'process_cpu:cpu:nanoseconds:cpu:nanoseconds',
        customQuery: false,
      },
    });
  });

  test("asks by Juju's topology between datasources that charms made", () => {
    const named = (app: string) => ({ name: `juju_cos_0d5ba2a5-30f5-4a26-8d1c-6a9e2a3b4c5d_${app}_0` });
    const tags = (value: Json | undefined) => JSON.stringify(value).match(/juju_\w+/g);
    const both = jsonDataOf('tempo', grafanaOf({ ...loki, ...named('loki') }, tempo({}, named('tempo'))));
    assert.deepEqual(tags(both.tracesToLogsV2), ['juju_application', 'juju_model', 'juju_model_uuid']);
    const one = jsonDataOf('tempo', grafanaOf(loki, tempo({}, named('tempo'))));
    assert.equal(tags(one.tracesToLogsV2), null);
  });

  test('asks Elasticsearch for the id of the trace alone', () => {
    const after = jsonDataOf('tempo', grafanaOf({ uid: 'es', type: 'elasticsearch' }, tempo({})));
    assert.match(JSON.stringify(after.tracesToLogsV2), /"tags":\[\].*"query":"\\"\$\{__span.traceId\}\\""/);
  });

  test('links to each datasource that is preferred, where Grafana has room for several', () => {
    const others = ['a', 'b', 'c'].map((uid) => ({ uid, type: 'tempo' }));
    const live = grafanaOf(...others, prometheus);
    assert.deepEqual(jsonDataOf('prom', live), { httpMethod: 'POST' });
    assert.deepEqual(jsonDataOf('prom', live, new Set(['a', 'c'])).exemplarTraceIdDestinations, [
      { datasourceUid: 'a', name: 'traceID' },
      { datasourceUid: 'c', name: 'traceID' },
    ]);
  });

  const derived = (name: string, datasourceUid?: string): JsonObject => ({
    name,
    matcherRegex: '(\\w+)',
    url: '${__value.raw}',
    ...(datasourceUid !== undefined && { datasourceUid }),
  });
  const lists: readonly [
    what: string,
    before: readonly JsonObject[],
    after: RegExp | readonly JsonObject[],
  ][] = [
    [
      'keeps fields that lead out of Grafana, and puts its own after them',
      [derived('a')],
      /^\["a","traceID"/,
    ],
    ['points a field that leads nowhere at Tempo', [derived('a', 'gone')], [derived('a', 'tempo')]],
    [
      'takes out a field that would only say again what another one says',
      [derived('a', 'gone'), derived('b', 'gone'), derived('a', 'tempo'), derived('a', 'gone too')],
      [derived('b', 'tempo'), derived('a', 'tempo')],
    ],
  ];
  for (const [what, before, after] of lists) {
    test(what, () => {
      const fields = jsonDataOf(
        'loki',
        grafanaOf(tempo({}), { ...loki, jsonData: { derivedFields: before } }),
      ).derivedFields;
      if (!(after instanceof RegExp)) return assert.deepEqual(fields, after);
      assert.ok(Array.isArray(fields));
      return assert.match(JSON.stringify(fields.map((field: JsonObject) => field.name)), after);
    });
  }

  test('takes out members that lead nowhere, and the key when none is left', () => {
    const live = (derivedFields: Json) => grafanaOf({ ...loki, jsonData: { maxLines: '10', derivedFields } });
    assert.deepEqual(jsonDataOf('loki', live([derived('a', 'gone'), derived('b'), derived('c', 'gone')])), {
      maxLines: '10',
      derivedFields: [derived('b')],
    });
    assert.deepEqual(jsonDataOf('loki', live([derived('a', 'gone'), derived('c', 'gone')])), {
      maxLines: '10',
    });
  });

  test('leaves the page outside that an exemplar leads to as well', () => {
    const to = { name: 'traceID', url: 'http://traces.example/${__value.raw}' };
    const live = grafanaOf({
      ...prometheus,
      jsonData: { exemplarTraceIdDestinations: [{ ...to, datasourceUid: 'gone' }] },
    });
    assert.deepEqual(jsonDataOf('prom', live).exemplarTraceIdDestinations, [to]);
  });

  test('leaves alone what a crosslink gateway keeps, and says who keeps it', () => {
    const crosslink = { gateway: 'g', uid: 'tempo', keys: ['serviceMap'], secureKeys: [] };
    const live = grafanaOf(prometheus, tempo({ serviceMap: gone, crosslink }));
    assert.deepEqual(jsonDataOf('tempo', live).serviceMap, gone);
    assert.deepEqual(
      propose(live, none).kept.map(({ datasource, keeper, keys }) => [datasource.uid, keeper, keys]),
      [['tempo', 'crosslink gateway g', ['serviceMap']]],
    );
  });
});
