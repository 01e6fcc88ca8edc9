import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  assignedUids,
  generationOf,
  offerAppDatabag,
  offerUnitDatabag,
  readAnswer,
  readSource,
  type SourceOffer,
} from '#src/relations/grafana-datasource';
import type { Json } from '../../../../src/relations/python-json.ts';
import { anyDatabag, anyJsonText, U } from '../databags.ts';

const tempo: SourceOffer = {
  model: 'cos',
  modelUuid: U,
  application: 'tempo',
  type: 'tempo',
  extraFields: null,
  secureExtraFields: null,
  appUrl: undefined,
};
const head = `{"model": "cos", "model_uuid": "${U}", "application": "tempo", "type": "tempo", `;

suite('grafana_datasource, provider', () => {
  suite('writes', () => {
    test('null for both kinds of extras when there are none, never {}, and leaves neither out', () => {
      assert.deepEqual(offerAppDatabag(tempo), {
        grafana_source_data: `${head}"extra_fields": null, "secure_extra_fields": null}`,
        grafana_source_app_host: '',
      });
    });

    test('all three correlations of a Tempo, byte for byte as the Python charm', () => {
      const offered = offerAppDatabag({
        ...tempo,
        extraFields: {
          httpMethod: 'GET',
          serviceMap: { datasourceUid: `juju_cos_${U}_mimir_0` },
          tracesToLogsV2: {
            datasourceUid: `juju_cos_${U}_loki_0`,
            tags: ['juju_application', 'juju_model', 'juju_model_uuid'].map((key) => ({ key, value: '' })),
            filterByTraceID: false,
            filterBySpanID: false,
            customQuery: true,
            query: '{ $__tags } |= "${__span.traceId}"',
          },
          tracesToMetrics: {
            datasourceUid: `juju_cos_${U}_mimir_0`,
            tags: ['juju_application', 'juju_model', 'juju_model_uuid', 'juju_unit'].map((key) => ({
              key,
              value: '',
            })),
            queries: [{ name: 'All metrics', query: '{$__tags}' }],
          },
        },
      });
      assert.equal(
        offered.grafana_source_data,
        `${head}"extra_fields": ${allThree}, "secure_extra_fields": null}`,
      );
    });

    test('extras as an object, secrets as they are', () => {
      const offered = offerAppDatabag({
        ...tempo,
        application: 'mimir',
        type: 'prometheus',
        extraFields: { httpHeaderName1: 'X-Scope-OrgID' },
        secureExtraFields: { httpHeaderValue1: 'anonymous' },
      });
      assert.equal(
        offered.grafana_source_data,
        `{"model": "cos", "model_uuid": "${U}", "application": "mimir", "type": "prometheus", ` +
          '"extra_fields": {"httpHeaderName1": "X-Scope-OrgID"}, ' +
          '"secure_extra_fields": {"httpHeaderValue1": "anonymous"}}',
      );
    });

    test('the host of the application, for the second generation', () => {
      const url = 'http://tempo.cos.svc.cluster.local:3200';
      assert.equal(offerAppDatabag({ ...tempo, appUrl: url }).grafana_source_app_host, url);
    });

    test('the host of a unit, for the first generation, and takes it back', () => {
      assert.deepEqual(offerUnitDatabag('http://tempo-0:3200'), {
        grafana_source_host: 'http://tempo-0:3200',
      });
      assert.deepEqual(offerUnitDatabag(undefined), { grafana_source_host: '' });
    });

    test('dollars doubled', () => {
      const offered = offerAppDatabag({ ...tempo, extraFields: { url: '${__value.raw}' } });
      assert.ok(offered.grafana_source_data?.includes('"extra_fields": {"url": "$${__value.raw}"}'));
    });

    test('what a Grafana reads back as the same', () => {
      const anyName = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/);
      // A key `__proto__` is dropped when it is read, on purpose.
      const harmless = fc.json().filter((text) => !text.includes('__proto__'));
      const anyValue = harmless.map((text) => JSON.parse(text) as Json);
      fc.assert(
        fc.property(
          anyName,
          fc.dictionary(fc.stringMatching(/^[a-z]+$/), anyValue),
          fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.string()),
          (application, extraFields, secureExtraFields) => {
            const appData = offerAppDatabag({ ...tempo, application, extraFields, secureExtraFields });
            const { reading, issues } = readSource({ appData, unitsData: new Map() });
            assert.deepEqual(issues, []);
            assert.ok(reading.state === 'valid');
            assert.equal(reading.source.application, application);
            assert.equal(JSON.stringify(reading.source.extraFields), JSON.stringify(extraFields));
            assert.equal(JSON.stringify(reading.source.secureExtraFields), JSON.stringify(secureExtraFields));
          },
        ),
      );
    });
  });

  suite('reads', () => {
    test('the answer of the first generation', () => {
      const { answer, issues } = readAnswer({
        grafana_uid: `juju_cos_${U}_grafana_0`,
        datasource_uids: `{"tempo/0": "juju_cos_${U}_tempo_0", "tempo/1": "juju_cos_${U}_tempo_1"}`,
        grafana_base_url: 'http://grafana-0.grafana-endpoints.cos.svc.cluster.local:3000',
      });
      assert.deepEqual(issues, []);
      assert.equal(answer.grafanaUid, `juju_cos_${U}_grafana_0`);
      assert.equal(answer.baseUrl, 'http://grafana-0.grafana-endpoints.cos.svc.cluster.local:3000');
      assert.deepEqual(assignedUids(answer), [`juju_cos_${U}_tempo_0`, `juju_cos_${U}_tempo_1`]);
      assert.equal(generationOf(answer), 'per-unit');
    });

    test('the answer of the second generation, whose map is empty', () => {
      const { answer } = readAnswer({
        grafana_uid: 'g',
        datasource_uids: '{}',
        app_datasource_uid: `juju_cos_${U}_tempo`,
      });
      assert.deepEqual(assignedUids(answer), [`juju_cos_${U}_tempo`]);
      assert.equal(generationOf(answer), 'per-application');
    });

    test('both at once, each UID once', () => {
      const { answer } = readAnswer({
        datasource_uids: '{"tempo/0": "b", "tempo/1": "a"}',
        app_datasource_uid: 'b',
      });
      assert.deepEqual(assignedUids(answer), ['a', 'b']);
      assert.equal(generationOf(answer), 'per-application');
    });

    test('UIDs of units that another model calls by another name', () => {
      const { answer } = readAnswer({
        datasource_uids: '{"remote-0123456789abcdef0123456789abcdef/0": "a"}',
      });
      assert.deepEqual(assignedUids(answer), ['a']);
    });

    for (const [name, databag] of [
      ['an empty databag', {}],
      ['empty values', { grafana_uid: '', datasource_uids: '', app_datasource_uid: '' }],
      ['keys of somebody else', { foo: 'bar', constructor: 'x' }],
    ] as const) {
      test(`no answer from ${name}, without complaint`, () => {
        const { answer, issues } = readAnswer(databag);
        assert.deepEqual([answer, issues, generationOf(answer)], [{}, [], 'not known yet']);
      });
    }

    test('a map with nobody in it as an answer all the same', () => {
      const { answer } = readAnswer({ grafana_uid: 'g', datasource_uids: '{}' });
      assert.deepEqual(answer.datasourceUids, {});
      assert.equal(generationOf(answer), 'not known yet');
    });

    test('the UIDs of the other units when that of one can not be read', () => {
      const uids = { 'tempo/0': 'a', 'tempo/1': 'x'.repeat(256), 'tempo/2': 5, 'tempo/3': 'd' };
      const { answer, issues } = readAnswer({ grafana_uid: 'g', datasource_uids: JSON.stringify(uids) });
      assert.deepEqual(answer.datasourceUids, { 'tempo/0': 'a', 'tempo/3': 'd' });
      assert.deepEqual(
        issues.map(({ key, path }) => [key, path]),
        [
          ['datasource_uids', '.tempo/1'],
          ['datasource_uids', '.tempo/2'],
        ],
      );
    });

    test('no UID from an empty one in the map', () => {
      const { answer, issues } = readAnswer({ datasource_uids: '{"tempo/0": "", "tempo/1": "a"}' });
      assert.deepEqual([assignedUids(answer), issues], [['a'], []]);
    });

    for (const bad of [
      'not JSON',
      '[]',
      'null',
      '5',
      '{"tempo/0": 5}',
      '{"tempo/0": null}',
      `{"tempo/0": "${'x'.repeat(256)}"}`,
      '{"tempo/0": "a\\u0000b"}',
    ]) {
      test(`the rest of the answer beside a map that is ${bad.slice(0, 30)}`, () => {
        const { answer, issues } = readAnswer({
          grafana_uid: 'g',
          datasource_uids: bad,
          app_datasource_uid: 'a',
        });
        assert.deepEqual([answer.grafanaUid, assignedUids(answer)], ['g', ['a']]);
        assert.ok(issues.length > 0 && issues.every(({ key }) => key === 'datasource_uids'));
      });
    }

    test('UIDs only without control characters and no longer than a databag should hold', () => {
      const { answer, issues } = readAnswer({ grafana_uid: 'a\nb', app_datasource_uid: 'x'.repeat(256) });
      assert.deepEqual(answer, {});
      assert.deepEqual(
        issues.map(({ key }) => key),
        ['grafana_uid', 'app_datasource_uid'],
      );
    });

    test('anything at all without throwing, UIDs bounded, no prototype changed', () => {
      fc.assert(
        fc.property(anyDatabag, (databag) => {
          const { answer } = readAnswer(databag);
          for (const uid of assignedUids(answer)) assert.ok(uid !== '' && [...uid].length <= 255);
          assert.ok(Object.getPrototypeOf(answer.datasourceUids ?? {}) === Object.prototype);
          assert.ok(['per-unit', 'per-application', 'not known yet'].includes(generationOf(answer)));
        }),
      );
    });

    test('any JSON as the map without throwing', () => {
      fc.assert(
        fc.property(anyJsonText, (text) => {
          const { answer } = readAnswer({ grafana_uid: 'g', datasource_uids: text });
          assert.equal(answer.grafanaUid, 'g');
        }),
      );
    });
  });
});

const allThree =
  '{"httpMethod": "GET", ' +
  `"serviceMap": {"datasourceUid": "juju_cos_${U}_mimir_0"}, ` +
  `"tracesToLogsV2": {"datasourceUid": "juju_cos_${U}_loki_0", ` +
  '"tags": [{"key": "juju_application", "value": ""}, {"key": "juju_model", "value": ""}, ' +
  '{"key": "juju_model_uuid", "value": ""}], "filterByTraceID": false, "filterBySpanID": false, ' +
  '"customQuery": true, "query": "{ $$__tags } |= \\"$${__span.traceId}\\""}, ' +
  `"tracesToMetrics": {"datasourceUid": "juju_cos_${U}_mimir_0", ` +
  '"tags": [{"key": "juju_application", "value": ""}, {"key": "juju_model", "value": ""}, ' +
  '{"key": "juju_model_uuid", "value": ""}, {"key": "juju_unit", "value": ""}], ' +
  '"queries": [{"name": "All metrics", "query": "{$$__tags}"}]}}';
