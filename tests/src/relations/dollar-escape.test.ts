import assert from 'node:assert/strict';
import fc from 'fast-check';
import { escapeDollars, unescapeDollars } from '../../../src/relations/dollar-escape.ts';
import type { Json } from '../../../src/relations/python-json.ts';

suite('dollars of provisioning files', () => {
  test('are doubled in every string, however deep, and in no key', () => {
    assert.deepEqual(escapeDollars({ $a: ['$', { b: '{ $__tags } |= "${__span.traceId}"' }, 1, null] }), {
      $a: ['$$', { b: '{ $$__tags } |= "$${__span.traceId}"' }, 1, null],
    });
  });

  for (const [wire, plain] of [
    ['$${__value.raw}', '${__value.raw}'],
    ['{$$__tags}', '{$__tags}'],
    ['$$$$', '$$'],
    ['$', '$'],
    ['$$$', '$$'],
  ] as const) {
    test(`'${wire}' on the wire is '${plain}' in Grafana`, () => assert.equal(unescapeDollars(wire), plain));
  }

  test('what is escaped and unescaped is what it was', () => {
    const anyText = fc.stringMatching(/^[$a{}]*$/);
    const anyJson = fc.oneof(
      anyText,
      fc.json({ stringUnit: anyText }).map((text) => JSON.parse(text) as Json),
    );
    fc.assert(
      fc.property(anyJson, (value) => assert.deepEqual(unescapeDollars(escapeDollars(value)), value)),
    );
  });
});
