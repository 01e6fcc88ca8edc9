import assert from 'node:assert/strict';
import { clientOf } from '#lib/go-plugin';
import { numberField } from '../../../lib/grafana-plugin/frame/fields.ts';
import { createFrame } from '../../../lib/grafana-plugin/frame/frame.ts';
import type { Datasource, QueryResults } from '../../../lib/grafana-plugin/index.ts';
import * as pb from '../../../lib/grafana-plugin/proto/backend_pb.ts';
import { startTestPlugin } from '../../../lib/grafana-plugin/testing/index.ts';
import { onTheWire, pluginContext } from './on-the-wire.ts';

const frame = createFrame({ name: 'n', fields: [numberField('value', Float64Array.of(1))] });
const serving = (datasource: Datasource) =>
  startTestPlugin({ id: 'acme-things-datasource', create: () => datasource });

suite('answers that are none', () => {
  test('one of several that is nothing fails alone', async () => {
    await using plugin = await serving({
      queryData: () => ({ A: frame, B: undefined, C: null, D: 7 }) as unknown as QueryResults,
    });
    const answers = await plugin.query([{ refId: 'A' }, { refId: 'B' }, { refId: 'C' }, { refId: 'D' }]);
    assert.deepEqual(
      ['A', 'B', 'C', 'D'].map((refId) => answers.get(refId)?.status),
      [200, 500, 500, 500],
    );
    assert.match(answers.get('B')?.error ?? '', /neither a frame/);
  });

  for (const [what, thrown] of [
    ['no text as its message', Object.assign(new Error(), { message: { code: 7 } })],
    ['no prototype', Object.create(null)],
  ] as const) {
    test(`an error with ${what} is an answer nevertheless`, async () => {
      await using plugin = await serving({
        queryData: () => ({ A: frame, B: { error: thrown } }) as QueryResults,
        checkHealth: () => {
          throw thrown;
        },
        subscribeStream: () => {
          throw thrown;
        },
      });
      const answers = await plugin.query([{ refId: 'A' }, { refId: 'B' }]);
      assert.deepEqual([answers.get('A')?.status, answers.get('B')?.status], [200, 500]);
      assert.notEqual(answers.get('B')?.error, '');
      assert.equal((await plugin.checkHealth()).status, 'error');
      await assert.rejects(plugin.subscribe('x'), { code: 'UNKNOWN' });
    });
  }
});

suite('what a plugin does not have', () => {
  test('is no error in its log: Grafana asks for it with each query and goes on without', async () => {
    await using plugin = await serving({ queryData: () => ({}) });
    await assert.rejects(plugin.callResource('GET', 'x'), { code: 'UNIMPLEMENTED' });
    assert.deepEqual(
      plugin.log.map((line) => [line['@message'], line['@level']]),
      [
        ['Plugin Request Started', 'debug'],
        ['Plugin Request Completed', 'debug'],
      ],
    );
  });
});

suite('chunks', () => {
  test('a frame that cannot be put on the wire fails its query alone', async () => {
    const broken = {
      ...frame,
      fields: [frame.fields[0], numberField('b', Float64Array.of(1, 2))],
    } as typeof frame;
    const datasource: Datasource = {
      async *queryChunkedData() {
        yield { refId: 'A', frameId: '1', frame };
        yield { refId: 'B', frameId: '1', frame: broken };
        yield { refId: 'C', frameId: '1', frame };
      },
    };
    const pieces = await onTheWire(datasource, (connection) =>
      Array.fromAsync(clientOf(pb.Data, connection).queryChunkedData({ pluginContext })),
    );
    assert.deepEqual(
      pieces.map(({ refId, status, error, frame: { length } }) => [refId, status, error !== '', length > 0]),
      [
        ['A', 200, false, true],
        ['B', 500, true, false],
        ['C', 200, false, true],
      ],
    );
  });
});
