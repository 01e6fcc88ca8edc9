import assert from 'node:assert/strict';
import { frameFromRows } from '../../../../lib/grafana-plugin/frame/from-rows.ts';
import { plain } from './generated.ts';

suite('a frame from rows', () => {
  test('has the columns that the rows have, with types to match', () => {
    const frame = frameFromRows(
      [
        { at: new Date(1), n: 1, big: 1n, text: 'a', up: true, tags: ['x'], none: null },
        { at: new Date(2), n: null, big: 2n, text: 'b', up: false, tags: {}, none: null, late: 'z' },
      ],
      { name: 'rows', refId: 'B' },
    );
    assert.deepEqual([frame.name, frame.refId], ['rows', 'B']);
    assert.deepEqual(
      plain(frame).fields.map(({ name, type, nullable, values }) => [name, type, nullable, values]),
      [
        ['at', 'time', false, [1_000_000n, 2_000_000n]],
        ['n', 'float64', true, [1, null]],
        ['big', 'int64', false, [1n, 2n]],
        ['text', 'string', false, ['a', 'b']],
        ['up', 'bool', false, [true, false]],
        ['tags', 'json', false, [['x'], {}]],
        ['none', 'string', true, [null, null]],
        ['late', 'string', true, [null, 'z']],
      ],
    );
  });

  test('has the declared columns, also without rows', () => {
    const frame = frameFromRows<{ id: string; n: number; other?: number }>([], {
      columns: { n: { type: 'uint8', config: { unit: 's' } }, id: 'string' },
    });
    assert.deepEqual(
      frame.fields.map(({ name, type, config, length }) => [name, type, config, length]),
      [
        ['n', 'uint8', { unit: 's' }, 0],
        ['id', 'string', undefined, 0],
      ],
    );
  });

  test('names the row that does not fit', () => {
    assert.throws(() => frameFromRows<object>([{ a: 1 }, { a: 'x' }]), {
      code: 'BAD_VALUE',
      message: /column "a" is float64 up to row 1, which is string/,
    });
    assert.throws(() => frameFromRows([{ a: 300 }], { columns: { a: 'uint8' } }), {
      message: /row 0: 300 is no uint8/,
    });
  });

  test('takes a key that every object inherits for no column', () => {
    assert.deepEqual(
      [...(frameFromRows<{ toString?: unknown }>([{}], { columns: { toString: 'json' } }).fields[0] ?? [])],
      [null],
    );
  });
});
