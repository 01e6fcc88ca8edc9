import assert from 'node:assert/strict';
import { RecordBatchReader, tableFromIPC } from 'apache-arrow';
import * as fc from 'fast-check';
import { decodeArrow } from '../../../../lib/grafana-plugin/frame/arrow-decode.ts';
import { encodeArrow } from '../../../../lib/grafana-plugin/frame/arrow-encode.ts';
import { FrameError } from '../../../../lib/grafana-plugin/frame/errors.ts';
import { FieldOf } from '../../../../lib/grafana-plugin/frame/field.ts';
import {
  booleanField,
  enumField,
  field,
  jsonField,
  numberField,
  stringField,
  timeField,
} from '../../../../lib/grafana-plugin/frame/fields.ts';
import { createFrame } from '../../../../lib/grafana-plugin/frame/frame.ts';
import { anyFrame, plain } from './generated.ts';

suite('a frame in Arrow', () => {
  test('comes back as it was, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(anyFrame, async (frame) => {
        assert.deepEqual(plain(await decodeArrow(encodeArrow(frame))), plain(frame));
      }),
      { numRuns: 300 },
    );
  });

  test('is what the Arrow library reads', () => {
    const frame = createFrame({
      name: 'cpu',
      refId: 'A',
      fields: [
        timeField('time', [1n, null, 3n]),
        numberField('value', new Float32Array([1.5, -0, Number.NaN]), { labels: { b: '1', a: 'é' } }),
        stringField('text', ['', 'é', null]),
        booleanField('up', [true, false, true]),
        jsonField('raw', [{ a: 1 }, [2n ** 70n], 'x']),
        enumField('state', ['down', 'ok', 'ok'], ['ok', 'down'], { config: { unit: 's' } }),
      ],
    });
    const table = tableFromIPC(encodeArrow(frame));
    assert.deepEqual(
      table.schema.fields.map(({ name, type, nullable }) => [name, String(type), nullable]),
      [
        ['time', 'Timestamp<NANOSECOND>', true],
        ['value', 'Float32', false],
        ['text', 'Utf8', true],
        ['up', 'Bool', false],
        ['raw', 'Binary', false],
        ['state', 'Uint16', false],
      ],
    );
    assert.deepEqual(
      [...table.schema.metadata],
      [
        ['name', 'cpu'],
        ['refId', 'A'],
      ],
    );
    assert.deepEqual(
      table.schema.fields.map(({ metadata }) => Object.fromEntries(metadata)),
      [
        { tstype: 'time' },
        { tstype: 'number', labels: '{"a":"é","b":"1"}' },
        { tstype: 'string' },
        { tstype: 'boolean' },
        { tstype: 'other' },
        { tstype: 'enum', config: '{"unit":"s","type":{"enum":{"text":["ok","down"]}}}' },
      ],
    );
    assert.deepEqual([...(table.getChild('value') ?? [])], [1.5, -0, Number.NaN]);
    assert.deepEqual([...(table.getChild('text') ?? [])], ['', 'é', null]);
    assert.deepEqual([...(table.getChild('up') ?? [])], [true, false, true]);
    assert.deepEqual([...(table.getChild('state') ?? [])], [1, 0, 0]);
    assert.equal(Buffer.from(table.getChild('raw')?.get(1)).toString(), '[1180591620717411303424]');
  });

  test('has one record batch, and none without rows', () => {
    const batches = (values: number[]) => {
      const reader = RecordBatchReader.from(encodeArrow(createFrame({ fields: [numberField('v', values)] })));
      assert.ok(reader.isFile());
      return reader.open().numRecordBatches;
    };
    assert.equal(batches([1, 2]), 1);
    assert.equal(batches([]), 0);
  });

  test('starts its blocks where a multiple of 8 is, as Go demands', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const file = Buffer.from(encodeArrow(frame));
        assert.equal(file.length - 10 - file.readInt32LE(file.length - 10) >= 0, true);
        assert.equal((file.length - 10) % 8, 0);
        assert.equal(file.subarray(0, 8).toString('latin1'), 'ARROW1\0\0');
        assert.equal(file.subarray(-6).toString('latin1'), 'ARROW1');
      }),
    );
  });

  test('takes a part of a larger array, and does not keep hold of it', async () => {
    const all = Float64Array.of(0, 1, 2, 3);
    const file = encodeArrow(createFrame({ fields: [numberField('v', all.subarray(1, 3))] }));
    all.fill(9);
    assert.deepEqual([...((await decodeArrow(file)).fields[0] ?? [])], [1, 2]);
  });

  test('puts U+FFFD where half a surrogate pair is, also where two halves are neighbours', async () => {
    const frame = createFrame({ fields: [stringField('s\ud800', ['\ud83d', '\ude00', 'a\udc00b', '😀'])] });
    const { fields } = await decodeArrow(encodeArrow(frame));
    assert.equal(fields[0]?.name, 's\ufffd');
    assert.deepEqual([...(fields[0] ?? [])], ['\ufffd', '\ufffd', 'a\ufffdb', '😀']);
  });

  test('follows a change of labels, config or meta that keeps names and types', async () => {
    const once = (unit: string, host: string, executedQueryString: string) =>
      decodeArrow(
        encodeArrow(
          createFrame({
            meta: { executedQueryString },
            fields: [numberField('v', [1], { config: { unit }, labels: { host } })],
          }),
        ),
      );
    for (const [unit, host, query] of [
      ['s', 'a', 'x'],
      ['ms', 'a', 'x'],
      ['s', 'b', 'x'],
      ['s', 'a', 'y'],
    ] as const) {
      const { fields, meta } = await once(unit, host, query);
      assert.deepEqual(
        [fields[0]?.config?.unit, fields[0]?.labels?.host, meta?.executedQueryString],
        [unit, host, query],
      );
    }
  });

  test('is refused when lengths differ', () => {
    assert.throws(
      () => createFrame({ name: 'cpu', fields: [numberField('a', [1, 2]), numberField('b', [1])] }),
      (error) =>
        error instanceof FrameError && error.code === 'LENGTH_MISMATCH' && /"b" has 1/.test(error.message),
    );
    const grown: string[] = ['a'];
    const frame = createFrame({ fields: [stringField('s', grown), numberField('v', [1])] });
    grown.push('b');
    assert.throws(() => encodeArrow(frame), { name: 'FrameError', code: 'LENGTH_MISMATCH' });
  });

  test('is refused when a column that must not has a null', () => {
    const frame = createFrame({ fields: [new FieldOf('string', 's', ['a', null], { nullable: false })] });
    assert.throws(() => encodeArrow(frame), { code: 'BAD_VALUE', message: /row 1 is null/ });
  });

  for (const [what, options] of Object.entries({
    'a label that is a number': { labels: { port: 80 as unknown as string } },
    'a threshold with a key of its own': {
      config: { thresholds: { mode: 'absolute', steps: [{ value: 1, text: 'x' } as { value: number }] } },
    },
    'a mapping of no known type': { config: { mappings: [{ type: 'regex', options: {} } as never] } },
    'decimals below zero': { config: { decimals: -1 } },
    'a unit that is a number': { config: { unit: 5 as unknown as string } },
  } as const)) {
    test(`is refused for ${what}, which Grafana cannot decode`, () => {
      const frame = createFrame({ fields: [field('float64', 'v', [1], options)] });
      assert.throws(() => encodeArrow(frame), {
        name: 'FrameError',
        code: 'BAD_SCHEMA',
        message: /field "v"/,
      });
    });
  }

  test('is refused for a config that refers to itself', () => {
    const custom: Record<string, unknown> = {};
    custom.self = custom;
    const frame = createFrame({ fields: [numberField('v', [1], { config: { custom } })] });
    assert.throws(() => encodeArrow(frame), {
      name: 'FrameError',
      code: 'BAD_VALUE',
      message: /refers to itself/,
    });
  });

  test('is refused for a notice without a known severity', () => {
    const meta = { notices: [{ severity: 'fatal' as 'error', text: 'x' }] };
    assert.throws(() => encodeArrow(createFrame({ meta })), { code: 'BAD_SCHEMA', message: /meta\.notices/ });
  });
});

suite('bytes that are no frame', () => {
  test('are refused by what they lack', async () => {
    for (const bytes of ['', 'ARROW1', 'ARROW1\0\0', '{"schema":{}}', 'ARROW1ARROW1']) {
      await assert.rejects(decodeArrow(Buffer.from(bytes)), { name: 'FrameError', code: 'UNREADABLE' });
    }
  });

  test('never give anything but a frame or a FrameError, however they are damaged', async () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(anyFrame, damage, async (frame, changes) => {
        const file = Uint8Array.from(encodeArrow(frame));
        for (const [position, byte] of changes) file[position % file.length] = byte;
        try {
          for (const each of (await decodeArrow(file)).fields) for (const value of each) void value;
        } catch (error) {
          assert.ok(error instanceof FrameError, String((error as Error).stack));
        }
      }),
      { numRuns: 500 },
    );
  });

  for (const { name, fields } of [
    {
      name: 'with rows',
      fields: [stringField('s', ['a', null]), numberField('v', [1, 2], { labels: { a: 'b' } })],
    },
    // Where there is nothing to read by it, the library takes any width of a number.
    { name: 'without rows', fields: [numberField('i', new Int16Array())] },
  ]) {
    test(`${name} end in an answer, whichever byte is wrong`, async () => {
      const good = encodeArrow(createFrame({ fields }));
      for (let position = 0; position < good.length; position++) {
        for (const byte of [0x00, 0x18, 0x7f, 0x80, 0x9e, 0xff]) {
          const file = Uint8Array.from(good);
          file[position] = byte;
          await decodeArrow(file).catch((error) =>
            assert.ok(error instanceof FrameError, String(error.stack)),
          );
        }
      }
    });
  }

  test('may be cut off anywhere', async () => {
    const file = encodeArrow(
      createFrame({ fields: [stringField('s', ['a', 'b']), numberField('v', [1, null])] }),
    );
    for (let length = 0; length < file.length; length++) {
      await assert.rejects(decodeArrow(file.subarray(0, length)), { name: 'FrameError' });
    }
  });
});
