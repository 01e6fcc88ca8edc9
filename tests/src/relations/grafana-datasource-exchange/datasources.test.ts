import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type DatasourceList,
  datasourcesDatabag,
  readDatasources,
} from '#src/relations/grafana-datasource-exchange';
import { anyDatabag, anyJsonText, nested, U } from '../databags.ts';

const entry = { type: 'tempo', uid: 'a', grafana_uid: 'g' };
const read = (datasources: unknown) =>
  readDatasources({
    datasources: typeof datasources === 'string' ? datasources : JSON.stringify(datasources),
  });

suite('grafana_datasource_exchange', () => {
  suite('publishes', () => {
    test('[] when there is nothing, since peers refuse a databag without the key', () => {
      assert.deepEqual(datasourcesDatabag([]), { datasources: '[]' });
    });

    test('two Tempo units, byte for byte as the Python library', () => {
      const uids = [`juju_cos_${U}_tempo_1`, `juju_cos_${U}_tempo_0`];
      const grafana_uid = `juju_cos_${U}_grafana_0`;
      assert.equal(
        datasourcesDatabag(uids.map((uid) => ({ grafana_uid, uid, type: 'tempo' }))).datasources,
        `[{"type":"tempo","uid":"juju_cos_${U}_tempo_0","grafana_uid":"juju_cos_${U}_grafana_0"},` +
          `{"type":"tempo","uid":"juju_cos_${U}_tempo_1","grafana_uid":"juju_cos_${U}_grafana_0"}]`,
      );
    });

    test('equal UIDs in two Grafanas by Grafana', () => {
      const given = ['tempo_1', 'tempo_0'].flatMap((uid) =>
        ['ops_graf2_0', 'cos_grafana_0'].map((grafana_uid) => ({ type: 'tempo', uid, grafana_uid })),
      );
      assert.equal(
        datasourcesDatabag(given).datasources,
        '[{"type":"tempo","uid":"tempo_0","grafana_uid":"cos_grafana_0"},' +
          '{"type":"tempo","uid":"tempo_0","grafana_uid":"ops_graf2_0"},' +
          '{"type":"tempo","uid":"tempo_1","grafana_uid":"cos_grafana_0"},' +
          '{"type":"tempo","uid":"tempo_1","grafana_uid":"ops_graf2_0"}]',
      );
    });

    test('what is beyond ASCII as it is, and nothing that is not of the interface', () => {
      const given = [{ ...entry, uid: 'zürich', secret: 'hunter2' }];
      assert.equal(
        datasourcesDatabag(given).datasources,
        '[{"type":"tempo","uid":"zürich","grafana_uid":"g"}]',
      );
    });

    test('in the order of code points, which is that of Python', () => {
      const given = ['\u{10000}', '\uffff', 'b', 'B', 'a10', 'a9'].map((uid) => ({ ...entry, uid }));
      const uids = readDatasources(datasourcesDatabag(given)).datasources?.map(({ uid }) => uid);
      assert.deepEqual(uids, ['B', 'a10', 'a9', 'b', '\uffff', '\u{10000}']);
    });

    test('the same bytes for the same set in any order, with doubles or without', () => {
      const anyText = fc.oneof(
        fc.constantFrom('a', 'b', '\ud800', '\ud801', '\ufffd'),
        fc.string({ unit: 'binary', minLength: 1 }),
      );
      const anyEntry = fc.record({ type: anyText, uid: anyText, grafana_uid: anyText });
      const anyLists = fc
        .array(anyEntry)
        .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
      fc.assert(
        fc.property(anyLists, ([list, shuffled]) => {
          assert.deepEqual(datasourcesDatabag(shuffled), datasourcesDatabag(list));
          assert.deepEqual(datasourcesDatabag([...shuffled, ...list]), datasourcesDatabag(list));
        }),
      );
    });

    test('the same bytes for half surrogate pairs, which have no bytes of their own', () => {
      const given = ['\ud801', '\ufffd', '\ud800'].map((uid) => ({ ...entry, uid }));
      assert.deepEqual(datasourcesDatabag(given.toReversed()), datasourcesDatabag(given));
    });

    test('what is read back as the same set', () => {
      const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
      const anyList = fc.uniqueArray(fc.record({ type: anyText, uid: anyText, grafana_uid: anyText }), {
        selector: (one) => JSON.stringify(one),
      });
      fc.assert(
        fc.property(anyList, (list: DatasourceList) => {
          const { datasources, issues } = readDatasources(datasourcesDatabag(list));
          assert.deepEqual(issues, []);
          assert.deepEqual(new Set(datasources?.map(tuple)), new Set(list.map(tuple)));
        }),
      );
    });
  });

  suite('reads', () => {
    test('a list in any order', () => {
      const { datasources } = read([{ ...entry, uid: 'b' }, entry]);
      assert.deepEqual(datasources, [entry, { ...entry, uid: 'b' }]);
    });

    test('[] as published but empty, and no key as not published yet', () => {
      assert.deepEqual(read('[]'), { datasources: [], issues: [] });
      assert.deepEqual(readDatasources({}), { datasources: null, issues: [] });
      assert.deepEqual(readDatasources({ datasources: '' }), { datasources: null, issues: [] });
      assert.deepEqual(readDatasources({ foo: 'bar' }), { datasources: null, issues: [] });
    });

    test('unknown keys as nothing', () => {
      assert.deepEqual(read([{ ...entry, url: 'http://x' }]).datasources, [entry]);
    });

    for (const [name, bad] of [
      ['is no object', 5],
      ['is null', null],
      ['has no grafana_uid', { type: 'tempo', uid: 'x' }],
      ['has a UID that is a number', { ...entry, uid: 5 }],
      ['has an empty UID', { ...entry, uid: '' }],
      ['has an empty Grafana', { ...entry, grafana_uid: '' }],
      ['has a UID with a control character', { ...entry, uid: 'a\u0000' }],
      ['has a UID that is too long', { ...entry, uid: 'a'.repeat(256) }],
    ] as const) {
      test(`the other entries beside one that ${name}, and says which it is`, () => {
        const { datasources, issues } = read([entry, bad]);
        assert.deepEqual(datasources, [entry]);
        assert.ok(issues.length > 0);
        for (const { key, path } of issues) assert.match(`${key}${path}`, /^datasources\[1\]/);
      });
    }

    for (const bad of [
      'null',
      '{}',
      'hello',
      '"x"',
      '5',
      `[${nested(100_000)}`,
      `{"a": ${nested(100_000)}}`,
    ]) {
      test(`${bad.slice(0, 20)} as nothing, with a reason`, () => {
        const { datasources, issues } = read(bad);
        assert.equal(datasources, null);
        assert.ok(issues.length > 0);
      });
    }

    test('no more entries than a Grafana can hold', () => {
      const many = Array.from({ length: 10_001 }, (_, n) => ({ type: 't', uid: `${n}`, grafana_uid: 'g' }));
      const { datasources, issues } = read(many);
      assert.equal(datasources, null);
      assert.equal(issues.length, 1);
    });

    test('anything at all without throwing', () => {
      fc.assert(
        fc.property(
          fc.oneof(
            anyDatabag,
            anyJsonText.map((datasources) => ({ datasources })),
          ),
          (databag) => {
            for (const one of readDatasources(databag).datasources ?? []) {
              assert.deepEqual(Object.keys(one), ['type', 'uid', 'grafana_uid']);
              for (const value of Object.values(one)) assert.ok(value !== '' && [...value].length <= 255);
            }
          },
        ),
      );
    });
  });
});

function tuple({ type, uid, grafana_uid }: DatasourceList[number]): string {
  return JSON.stringify([type, uid, grafana_uid]);
}
