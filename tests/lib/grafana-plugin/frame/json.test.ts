import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { FrameError } from '../../../../lib/grafana-plugin/frame/errors.ts';
import {
  enumField,
  jsonField,
  numberField,
  stringField,
  timeField,
} from '../../../../lib/grafana-plugin/frame/fields.ts';
import { createFrame } from '../../../../lib/grafana-plugin/frame/frame.ts';
import { decodeFrameJson } from '../../../../lib/grafana-plugin/frame/json-decode.ts';
import { encodeFrameJson, frameToJson } from '../../../../lib/grafana-plugin/frame/json-encode.ts';
import { anyFrame, plain } from './generated.ts';

suite('a frame in JSON', () => {
  test('comes back as it was, whatever is in it', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        assert.deepEqual(plain(decodeFrameJson(encodeFrameJson(frame))), plain(frame));
      }),
      { numRuns: 300 },
    );
  });

  test('comes back from a schema sent once and data sent after', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const schema = decodeFrameJson(frameToJson(frame, 'schema'));
        assert.ok(schema.fields.every(({ length }) => length === 0));
        assert.deepEqual(plain(decodeFrameJson(frameToJson(frame, 'data'), schema)), plain(frame));
      }),
    );
  });

  test('is written in the order and with the spellings that Go wants', () => {
    const frame = createFrame({
      name: 'all',
      refId: 'A',
      meta: { notices: [{ severity: 'info', text: 'n', inspect: 'error' }] },
      fields: [
        timeField('time', [1_000_001n, null, -1n]),
        numberField('float', [Number.NaN, -0, Number.NEGATIVE_INFINITY], { labels: { b: '2', a: '1' } }),
        numberField('long', [9223372036854775807n, null, -1n]),
        jsonField('', [{ a: 2n ** 64n }, [1], 'x'], { config: { min: Number.NEGATIVE_INFINITY } }),
        enumField('state', ['b', 'a', 'b'], ['a', 'b']),
      ],
    });
    assert.equal(
      frameToJson(frame),
      '{"schema":{"name":"all","refId":"A",' +
        '"meta":{"typeVersion":[0,0],"notices":[{"severity":"info","text":"n","inspect":2}]},"fields":[' +
        '{"name":"time","type":"time","typeInfo":{"frame":"time.Time","nullable":true}},' +
        '{"name":"float","type":"number","typeInfo":{"frame":"float64"},"labels":{"a":"1","b":"2"}},' +
        '{"name":"long","type":"number","typeInfo":{"frame":"int64","nullable":true}},' +
        '{"type":"other","typeInfo":{"frame":"json.RawMessage"},"config":{"min":null}},' +
        '{"name":"state","type":"enum","typeInfo":{"frame":"enum"},"config":{"type":{"enum":{"text":["a","b"]}}}}]},' +
        '"data":{"values":[[1,null,-1],[null,-0,null],[9223372036854775807,null,-1],' +
        '[{"a":18446744073709551616},[1],"x"],[1,0,1]],' +
        '"entities":[null,{"NaN":[0],"NegInf":[2]},null,null,null],"nanos":[[1,0,999999],null,null,null,null]}}',
    );
    assert.equal(
      frameToJson(createFrame({ fields: [stringField('s', [])] }), 'data'),
      '{"data":{"values":[[]]}}',
    );
  });

  test('puts U+FFFD where half a surrogate pair is, and leaves a written escape alone', () => {
    const frame = createFrame({ fields: [stringField('s', ['\ud800', '\\ud800', '😀'])] });
    assert.equal(frameToJson(frame, 'data'), '{"data":{"values":[["\ufffd","\\\\ud800","😀"]]}}');
  });

  test('takes the names of types that Go takes', () => {
    const types = ['int', 'double', 'float', 'boolean', 'time', 'json'];
    const fields = types.map((frame) => ({ typeInfo: { frame } }));
    assert.deepEqual(
      decodeFrameJson(JSON.stringify({ schema: { fields } })).fields.map(({ type }) => type),
      ['int64', 'float64', 'float64', 'bool', 'time', 'json'],
    );
  });

  test('reads numbers in a config as numbers, however long they are written', () => {
    const config = { interval: 1e17, custom: { big: 1e18 } };
    const [field] = decodeFrameJson(
      frameToJson(createFrame({ fields: [numberField('v', [1], { config })] })),
    ).fields;
    assert.deepEqual(field?.config, config);
  });

  for (const [what, json] of Object.entries({
    'no JSON': '{',
    'no object': '[]',
    'a schema that is none': '{"schema":1}',
    'a field without a type': '{"schema":{"fields":[{"name":"a"}]}}',
    'a field of a type that is none': '{"schema":{"fields":[{"typeInfo":{"frame":"__proto__"}}]}}',
    'more columns than fields': '{"schema":{"fields":[]},"data":{"values":[[1]]}}',
    'text among numbers':
      '{"schema":{"fields":[{"typeInfo":{"frame":"float64"}}]},"data":{"values":[["1"]]}}',
    'an integer out of range':
      '{"schema":{"fields":[{"typeInfo":{"frame":"int8"}}]},"data":{"values":[[128]]}}',
    'a fraction among integers':
      '{"schema":{"fields":[{"typeInfo":{"frame":"int64"}}]},"data":{"values":[[1.5]]}}',
    'an entity beyond the rows':
      '{"schema":{"fields":[{"typeInfo":{"frame":"float64"}}]},"data":{"values":[[null]],"entities":[{"NaN":[7]}]}}',
    'nanoseconds of more than a millisecond':
      '{"schema":{"fields":[{"typeInfo":{"frame":"time"}}]},"data":{"values":[[1]],"nanos":[[1000000]]}}',
    'columns of different lengths':
      '{"schema":{"fields":[{"typeInfo":{"frame":"bool"}},{"typeInfo":{"frame":"bool"}}]},"data":{"values":[[true],[]]}}',
    'data without a schema': '{"data":{"values":[[1]]}}',
  })) {
    test(`is refused for ${what}`, () => {
      assert.throws(() => decodeFrameJson(json), FrameError);
    });
  }

  test('is a frame or a FrameError, whatever JSON it is', () => {
    const frames = anyFrame.map((frame) => frameToJson(frame));
    const damage = fc.tuple(
      fc.nat(),
      fc.constantFrom('null', '[', '-1', '{}', '"x"', '1e999', '99999999999999999999'),
    );
    fc.assert(
      fc.property(fc.oneof(fc.json(), frames), fc.array(damage, { maxLength: 3 }), (json, changes) => {
        let text = json;
        for (const [position, insert] of changes) {
          // Where a value begins, so that most of what comes out is JSON still.
          const starts = [...text.matchAll(/[[:,]/g)].map(({ index }) => index + 1);
          const at = starts[position % Math.max(1, starts.length)] ?? 0;
          text = `${text.slice(0, at)}${insert}${text.slice(at).replace(/^[^,\]}]*/, '')}`;
        }
        try {
          decodeFrameJson(text);
        } catch (error) {
          assert.ok(error instanceof FrameError, String((error as Error).stack));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
