import assert from 'node:assert/strict';
import {
  booleanField,
  numberField,
  stringField,
  timeField,
} from '../../../../lib/grafana-plugin/frame/fields.ts';
import { createFrame, type Frame } from '../../../../lib/grafana-plugin/frame/frame.ts';
import {
  longToWide,
  timeSeriesSchema,
  wideToLong,
} from '../../../../lib/grafana-plugin/frame/time-series.ts';

function long({ nullable = false } = {}): Frame {
  return createFrame({
    name: 'cpu',
    refId: 'A',
    meta: { executedQueryString: 'q' },
    fields: [
      timeField('time', [1, 1, 2, 3]),
      numberField('b', Float64Array.of(10, 20, 11, 22), nullable ? { validity: Uint8Array.of(15) } : {}),
      stringField('host', ['y', 'x', 'y', 'x']),
      booleanField('up', [true, true, true, true]),
      numberField('a', Int32Array.of(1, 2, 3, 4)),
    ],
  });
}

const shape = (frame: Frame) =>
  frame.fields.map((field) => [field.name, field.labels, field.nullable, [...field]]);
const times = [1_000_000n, 2_000_000n, 3_000_000n];
const x = { host: 'x', up: 'true' };
const y = { host: 'y', up: 'true' };

suite('time series', () => {
  test('are told by their fields', () => {
    const time = timeField('t', [1]);
    const value = numberField('v', [1]);
    const text = stringField('s', ['a']);
    const kinds = [[], [time], [value], [time, text], [value, time], [time, text, value]].map(
      (fields) => timeSeriesSchema(createFrame({ fields })).kind,
    );
    assert.deepEqual(kinds, ['none', 'none', 'none', 'none', 'wide', 'long']);
    assert.deepEqual(timeSeriesSchema(long()), {
      kind: 'long',
      timeIndex: 0,
      valueIndices: [1, 4],
      factorIndices: [2, 3],
    });
  });

  test('become wide: a field per value and factors, sorted, gaps zero', () => {
    const wide = longToWide(long());
    assert.deepEqual(shape(wide), [
      ['time', undefined, false, times],
      ['a', x, false, [2, 0, 4]],
      ['a', y, false, [1, 3, 0]],
      ['b', x, false, [20, 0, 22]],
      ['b', y, false, [10, 11, 0]],
    ]);
    assert.deepEqual(wide.meta, { executedQueryString: 'q', type: 'timeseries-wide', typeVersion: [0, 1] });
    assert.deepEqual([wide.name, wide.refId], ['cpu', 'A']);
  });

  test('fill gaps with null, with what came before, or with a value', () => {
    const a = (fill: Parameters<typeof longToWide>[1]) => shape(longToWide(long(), fill)).slice(1, 3);
    assert.deepEqual(a({ mode: 'null' }), [
      ['a', x, true, [2, null, 4]],
      ['a', y, true, [1, 3, null]],
    ]);
    assert.deepEqual(a({ mode: 'previous' }), [
      ['a', x, true, [2, 2, 4]],
      ['a', y, true, [1, 3, 3]],
    ]);
    assert.deepEqual(a({ mode: 'value', value: 7.9 }), [
      ['a', x, false, [2, 7, 4]],
      ['a', y, false, [1, 3, 7]],
    ]);
    assert.deepEqual(shape(longToWide(long({ nullable: true })))[3], ['b', x, true, [20, null, 22]]);
  });

  test('have null before the first value when filled with what came before', () => {
    const frame = createFrame({
      fields: [timeField('t', [1, 2]), stringField('s', ['a', 'b']), numberField('v', [1, 2])],
    });
    assert.deepEqual(
      longToWide(frame, { mode: 'previous' })
        .fields.slice(1)
        .map((field) => [...field]),
      [
        [1, 1],
        [null, 2],
      ],
    );
  });

  test('become long: a row per time and labels', () => {
    const wide = longToWide(long());
    const back = wideToLong(wide);
    assert.deepEqual(shape(back), [
      ['time', undefined, false, times.flatMap((time) => [time, time])],
      ['a', undefined, false, [2, 1, 0, 3, 4, 0]],
      ['b', undefined, false, [20, 10, 0, 11, 22, 0]],
      ['host', undefined, false, ['x', 'y', 'x', 'y', 'x', 'y']],
      ['up', undefined, false, Array(6).fill('true')],
    ]);
    assert.equal(back.meta?.type, 'timeseries-long');
    assert.deepEqual(shape(longToWide(back)), shape(wide));
  });

  const time = timeField('t', [1, 2]);
  const value = numberField('v', [1, 2]);
  const text = stringField('s', ['a', 'b']);
  const refused: [string, () => unknown, string, RegExp][] = [
    [
      'wide from wide',
      () => longToWide(createFrame({ fields: [time, value] })),
      'WRONG_SHAPE',
      /is a wide time series/,
    ],
    ['long from a table', () => wideToLong(createFrame({ fields: [text] })), 'WRONG_SHAPE', /no time series/],
    [
      'no rows',
      () => wideToLong(createFrame({ fields: [timeField('t', []), numberField('v', [])] })),
      'WRONG_SHAPE',
      /no rows/,
    ],
    [
      'rows out of order',
      () => longToWide(createFrame({ fields: [timeField('t', [2, 1]), value, text] })),
      'UNSORTED',
      /row 1 is earlier/,
    ],
    [
      'a null time',
      () => longToWide(createFrame({ fields: [timeField('t', [2, null]), value, text] })),
      'BAD_VALUE',
      /row 1: the time is null/,
    ],
    [
      'two factors of one name',
      () => longToWide(createFrame({ fields: [time, value, text, text] })),
      'WRONG_SHAPE',
      /named "s"/,
    ],
    [
      'one name with two types',
      () => wideToLong(createFrame({ fields: [time, value, numberField('v', new Int8Array(2))] })),
      'WRONG_SHAPE',
      /one float64, one int8/,
    ],
  ];
  for (const [what, convert, code, message] of refused) {
    test(`refuse ${what}`, () => {
      assert.throws(convert, { name: 'FrameError', code, message });
    });
  }
});
