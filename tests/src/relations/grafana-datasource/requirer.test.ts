import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Databag, UnitName } from '#lib/juju';
import {
  answerDatabag,
  noAnswer,
  type RegisteredSource,
  readSource,
} from '#src/relations/grafana-datasource';
import { anyDatabag, anyJsonText, nested, U } from '../databags.ts';

const plain = { model: 'cos', model_uuid: U, application: 'myapp', type: 'prometheus' };

function read(
  data: unknown,
  { units = {}, app = {} }: { units?: Record<string, Databag>; app?: Databag } = {},
) {
  const grafana_source_data = typeof data === 'string' ? data : JSON.stringify(data);
  return readSource({
    appData: { grafana_source_data, ...app },
    unitsData: new Map(Object.entries(units) as [UnitName, Databag][]),
  });
}

function valid(...given: Parameters<typeof read>): RegisteredSource {
  const { reading } = read(...given);
  assert.ok(reading.state === 'valid', `expected a valid source, got ${reading.state}`);
  return reading.source;
}

suite('grafana_datasource, requirer', () => {
  suite('reads', () => {
    test('data without any extra keys and hosts without a scheme', () => {
      const source = valid(plain, {
        units: { 'foo/42': { grafana_source_host: 'host:80' }, 'foo/0': { grafana_source_host: 'host:80' } },
      });
      assert.deepEqual(source.units, [
        { unit: 'foo/0', url: 'http://host:80' },
        { unit: 'foo/42', url: 'http://host:80' },
      ]);
      assert.deepEqual([source.application, source.extraFields, source.appUrl], ['myapp', null, undefined]);
    });

    test('units by number, whatever order Juju tells them in', () => {
      const host = { grafana_source_host: 'host' };
      const source = valid(plain, { units: { 'foo/10': host, 'foo/9': host, 'foo/0': host } });
      assert.deepEqual(
        source.units.map(({ unit }) => unit),
        ['foo/0', 'foo/9', 'foo/10'],
      );
    });

    test('the host of the application beside those of units', () => {
      const source = valid(plain, {
        app: { grafana_source_app_host: 'http://tempo.cos.svc.cluster.local:3200' },
        units: { 'foo/0': { grafana_source_host: 'host' } },
      });
      assert.equal(source.appUrl, 'http://tempo.cos.svc.cluster.local:3200');
      assert.equal(source.units.length, 1);
    });

    test('a unit without a host as not registered, and keys of Juju itself as nothing', () => {
      const source = valid(plain, {
        units: { 'foo/0': { 'ingress-address': '10.0.0.1' }, 'foo/1': { grafana_source_host: '' } },
      });
      assert.deepEqual(source.units, []);
    });

    for (const [name, extra_fields] of [
      ['an object', { a: '$$x' }],
      ['a JSON string, as the published schema asks', '{"a": "$$x"}'],
    ] as const) {
      test(`extra fields that are ${name}, dollars as the HTTP API takes them`, () => {
        assert.deepEqual(valid({ ...plain, extra_fields }).extraFields, { a: '$x' });
      });
      test(`secrets that are ${name}, as they are`, () => {
        const source = valid({ ...plain, secure_extra_fields: extra_fields });
        assert.deepEqual(source.secureExtraFields, { a: '$$x' });
      });
    }

    for (const [name, extra] of [
      ['absent', {}],
      ['null', { extra_fields: null, secure_extra_fields: null }],
      ['the JSON string of null', { extra_fields: 'null', secure_extra_fields: 'null' }],
    ] as const) {
      test(`extra fields that are ${name} as none`, () => {
        const source = valid({ ...plain, ...extra });
        assert.deepEqual([source.extraFields, source.secureExtraFields], [null, null]);
      });
    }

    test('unknown keys as nothing', () => {
      assert.equal(valid({ ...plain, ruler: { a: 1 } }).application, 'myapp');
    });

    test('the Mimir of the examples, byte for byte', () => {
      const source = valid(
        `{"model": "cos", "model_uuid": "${U}", "application": "mimir", "type": "prometheus", ` +
          '"extra_fields": {"httpHeaderName1": "X-Scope-OrgID"}, ' +
          '"secure_extra_fields": {"httpHeaderValue1": "anonymous"}}',
      );
      assert.deepEqual(source.extraFields, { httpHeaderName1: 'X-Scope-OrgID' });
      assert.deepEqual(source.secureExtraFields, { httpHeaderValue1: 'anonymous' });
    });

    for (const [name, appData] of [
      ['an empty databag', {}],
      ['keys of somebody else', { foo: 'bar' }],
      ['an empty value', { grafana_source_data: '' }],
      ['null', { grafana_source_data: 'null' }],
      ['{}', { grafana_source_data: '{}' }],
      ['a host alone', { grafana_source_app_host: 'http://tempo' }],
    ] as const) {
      test(`${name} as nothing registered, without complaint`, () => {
        const { reading, issues } = readSource({ appData, unitsData: new Map([['foo/0', { baz: 'qux' }]]) });
        assert.deepEqual([reading, issues], [{ state: 'absent' }, []]);
      });
    }

    for (const [name, data] of [
      ['not JSON', 'hello'],
      ['JSON that is cut off', '{"model": "cos"'],
      ['an empty JSON list', '[]'],
      ['a JSON list', '[1]'],
      ['a JSON string', '""'],
      ['a JSON number', '0'],
      ['false', 'false'],
      ['without a model UUID', { ...plain, model_uuid: undefined }],
      ['with an empty application', { ...plain, application: '' }],
      ['with a type that is no string', { ...plain, type: 5 }],
      ['with a control character in a name', { ...plain, application: 'a\nb' }],
      ['with a name that is too long', { ...plain, application: 'a'.repeat(256) }],
      ['with extra fields that are a list', { ...plain, extra_fields: [] }],
      ['with extra fields that are no JSON', { ...plain, extra_fields: 'hello' }],
      ['with extra fields of a number in a string', { ...plain, extra_fields: '5' }],
      ['with secrets that are no strings', { ...plain, secure_extra_fields: { a: 5 } }],
      ['with a number that JSON can write and no computer hold', '{"extra_fields": {"a": 1e999}}'],
      ['nested deeper than any stack', `{"extra_fields": ${nested(100_000)}}`],
    ] as const) {
      test(`data ${name} as invalid, which is not the same as withdrawn`, () => {
        const { reading, issues } = read(data);
        assert.deepEqual(reading, { state: 'invalid' });
        assert.ok(issues.length > 0);
      });
    }

    test('extra fields nested a hundred deep, and not one deeper', () => {
      const state = (depth: number) =>
        read({ ...plain, extra_fields: JSON.parse(nested(depth)) as unknown }).reading.state;
      assert.deepEqual([state(100), state(101)], ['valid', 'invalid']);
      for (let depth = 101; depth < 5000; depth += 50) assert.equal(state(depth), 'invalid');
    });

    const units = {
      'foo/0': { grafana_source_host: 'file:///etc/passwd' },
      'foo/1': { grafana_source_host: 'http://ok' },
      'foo/2': {},
    };

    test('the rest beside a host that is no http URL, and says which unit it is of', () => {
      const { reading, issues } = read(plain, { units });
      assert.ok(reading.state === 'valid');
      assert.deepEqual(reading.source.units, [{ unit: 'foo/1', url: 'http://ok' }]);
      assert.deepEqual(reading.source.unreadable, ['foo/0']);
      assert.deepEqual(
        issues.map(({ key, path }) => [key, path]),
        [['grafana_source_host', ' of foo/0']],
      );
    });

    test('an application whose host is no http URL as one that can not be read, whatever its units say', () => {
      const app = { grafana_source_app_host: 'javascript://x' };
      const { reading, issues } = read(plain, { units, app });
      assert.deepEqual(reading, { state: 'invalid' });
      assert.deepEqual(
        issues.map(({ key, path }) => [key, path]),
        [
          ['grafana_source_app_host', ''],
          ['grafana_source_host', ' of foo/0'],
        ],
      );
    });

    test('anything at all without throwing, and without changing a prototype', () => {
      const anyUnit = fc.nat({ max: 20 }).map((number): UnitName => `foo/${number}`);
      const anyUnits = fc.array(fc.tuple(anyUnit, anyDatabag), { maxLength: 3 });
      fc.assert(
        fc.property(anyDatabag, anyUnits, (appData, units) => {
          const { reading } = readSource({ appData, unitsData: new Map(units) });
          if (reading.state !== 'valid') return;
          assert.ok(Object.getPrototypeOf(reading.source.extraFields ?? {}) === Object.prototype);
        }),
      );
    });

    test('any extra fields without throwing', () => {
      fc.assert(
        fc.property(anyJsonText, anyJsonText, (extra, secure) => {
          const head = JSON.stringify(plain).slice(0, -1);
          const { reading } = read(`${head}, "extra_fields": ${extra}, "secure_extra_fields": ${secure}}`);
          if (reading.state !== 'valid') return;
          assert.ok(Object.getPrototypeOf(reading.source.extraFields ?? {}) === Object.prototype);
          assert.equal(({} as Record<string, unknown>).polluted, undefined);
        }),
      );
    });

    test('no value of a databag, and no more than a line of its keys, into what it says is wrong', () => {
      const secret = 'hunter2';
      for (const key of ['k'.repeat(100_000), 'line\nbreak\u0000']) {
        const { issues } = read({ ...plain, type: [secret], secure_extra_fields: { [key]: [secret] } });
        const text = JSON.stringify(issues);
        assert.ok(!text.includes(secret));
        assert.ok(text.length < 1000, `${text.length} characters`);
        for (const { path, message } of issues) assert.doesNotMatch(`${path}${message}`, /\p{Cc}/u);
      }
    });
  });

  suite('answers', () => {
    test('the first generation, byte for byte as the Python charm', () => {
      const answer = answerDatabag({
        grafanaUid: `juju_cos_${U}_grafana_0`,
        baseUrl: 'http://grafana-0.grafana-endpoints.cos.svc.cluster.local:3000',
        datasourceUids: [
          { unit: 'tempo/1', uid: `juju_cos_${U}_tempo_1` },
          { unit: 'tempo/0', uid: `juju_cos_${U}_tempo_0` },
        ],
        appDatasourceUid: undefined,
        secretUri: undefined,
      });
      assert.deepEqual(answer, {
        grafana_uid: `juju_cos_${U}_grafana_0`,
        datasource_uids: `{"tempo/0": "juju_cos_${U}_tempo_0", "tempo/1": "juju_cos_${U}_tempo_1"}`,
        grafana_base_url: 'http://grafana-0.grafana-endpoints.cos.svc.cluster.local:3000',
        app_datasource_uid: '',
        grafana_source_secret: '',
      });
    });

    test('the second generation with an empty map', () => {
      const answer = answerDatabag({
        grafanaUid: 'g',
        baseUrl: 'b',
        datasourceUids: [],
        appDatasourceUid: 'a',
        secretUri: undefined,
      });
      assert.equal(answer.datasource_uids, '{}');
      assert.equal(answer.app_datasource_uid, 'a');
    });

    test('keyed by the remote unit, by number, so that the text does not flap', () => {
      const uids = [2, 10, 0, 1].map((n) => ({ unit: `foo/${n}` as const, uid: `u${n}` }));
      fc.assert(
        fc.property(fc.shuffledSubarray(uids, { minLength: 4 }), (datasourceUids) => {
          const answer = answerDatabag({
            grafanaUid: 'g',
            baseUrl: 'b',
            datasourceUids,
            appDatasourceUid: undefined,
            secretUri: undefined,
          });
          assert.equal(
            answer.datasource_uids,
            '{"foo/0": "u0", "foo/1": "u1", "foo/2": "u2", "foo/10": "u10"}',
          );
        }),
      );
    });

    test('nothing at all, every key of an answer deleted', () => {
      const answer = answerDatabag({
        grafanaUid: 'g',
        baseUrl: 'b',
        datasourceUids: [],
        appDatasourceUid: 'a',
        secretUri: undefined,
        takesCorrelations: true,
      });
      assert.deepEqual(Object.keys(noAnswer).toSorted(), Object.keys(answer).toSorted());
      assert.ok(Object.values(noAnswer).every((value) => value === ''));
    });
  });
});
