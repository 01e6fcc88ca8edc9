import assert from 'node:assert/strict';
import type { Value } from '../fixture-values.ts';
import type { SpanSpec } from '../fixtures.ts';
import type { ContractGroup, Trial } from '../trial.ts';

const SERVICE = 'a-service';

export async function assertHas(
  trial: Trial,
  key: string,
  value: string,
  traceIds: readonly string[],
): Promise<void> {
  const found = await trial.ids({ service: SERVICE, attributes: [{ key, value }] });
  assert.deepEqual([...found].sort(), traceIds, `${key}=${value.slice(0, 50)}`);
}

/** What an attribute may hold, and the texts by which it is found: those of Jaeger 2.x and of 1.x. */
const TEXTS: readonly [Value, ...string[]][] = [
  ['text', 'text'],
  [123n, '123'],
  [-(2n ** 63n), '-9223372036854775808'],
  [2n ** 63n - 1n, '9223372036854775807'],
  [2n ** 53n + 1n, '9007199254740993'],
  [72.5, '72.5'],
  [0.1 + 0.2, '0.30000000000000004', '0.3'],
  [123_456_789_012, '123456789012', '1.23456789e+11'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity', '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Infinity', '-Inf'],
  [true, 'true'],
  [false, 'false'],
  [Uint8Array.of(0, 0, 48, 57), 'AAAwOQ==', '00003039'],
  [['a', 1n], '["a",1]'],
  [{ b: true, a: [] }, '{"a":[],"b":true}'],
];

const LONG_KEYS = ['k'.repeat(300), `${'k'.repeat(100_000)}`];
const LONG_VALUES = [
  'v'.repeat(256),
  'v'.repeat(70_000),
  'é'.repeat(40_000),
  '{"json":"like"}',
  '\u0000\u0001\n',
  ' ',
];

export const values: ContractGroup = {
  name: 'values of attributes',
  cases: [
    ...TEXTS.map(([value, ...texts]) => ({
      id: 'U33',
      title: `a value is found by its text: ${texts[0]}`,
      async run(trial: Trial) {
        await trial.write([
          { attributes: { key: value } },
          { traceId: '2', attributes: { key: 'other', [`${texts[0]}`]: 'key' } },
        ]);
        for (const text of texts) await assertHas(trial, 'key', text, ['1']);
        await trial.assertTrace('1', [{ attributes: { key: value } }]);
      },
    })),
    {
      id: 'U34',
      title: 'an empty value is a value, and none at all is none',
      async run(trial) {
        await trial.write([
          { attributes: { key: '' } },
          { traceId: '2' },
          { traceId: '3', attributes: { '': 'x' } },
        ]);
        await assertHas(trial, 'key', '', ['1']);
        await assertHas(trial, '', 'x', ['3']);
      },
    },
    {
      id: 'U35',
      title: 'keys and values are found however long they are, and whatever is in them',
      async run(trial) {
        const entries = [
          ...LONG_KEYS.map((key) => [key, 'x'] as const),
          ...LONG_VALUES.map((value) => ['key', value] as const),
        ];
        const specs = entries.map(
          ([key, value], index): SpanSpec => ({
            traceId: (index + 1).toString(16),
            attributes: { [key]: value },
          }),
        );
        await trial.write(specs);
        for (const [index, [key, value]] of entries.entries()) {
          await assertHas(trial, key, value, [(index + 1).toString(16)]);
          await assertHas(trial, key, `${value}.`, []);
        }
        for (const spec of specs) await trial.assertTrace(spec.traceId ?? '', [spec]);
      },
    },
    {
      id: 'U36',
      title: 'status, kind, scope and resource are found by names that are no attributes',
      async run(trial) {
        await trial.write([
          { traceId: '1', status: 'error', kind: 'server' },
          { traceId: '2', status: 'ok', kind: 'client', scope: { name: 'lib', version: '1.2' } },
          { traceId: '3', resource: { host: 'a' } },
          { traceId: '4', attributes: { host: 'a' } },
        ]);
        await assertHas(trial, 'error', 'true', ['1']);
        await assertHas(trial, 'error', 'false', ['2', '3', '4']);
        await assertHas(trial, 'span.status', 'error', ['1']);
        await assertHas(trial, 'span.status', 'ok', ['2']);
        await assertHas(trial, 'span.kind', 'server', ['1']);
        await assertHas(trial, 'span.kind', 'CLIENT', ['2']);
        await assertHas(trial, 'host', 'a', ['3', '4']);
        await assertHas(trial, 'resource.host', 'a', ['3']);
      },
    },
    {
      id: 'U36',
      title: 'the scope is found by its name and its version',
      formats: ['otlp'],
      needs: ['otlp-attributes'],
      async run(trial) {
        await trial.write([
          { scope: { name: 'lib', version: '1.2' } },
          { traceId: '2', scope: { name: 'other' } },
        ]);
        await assertHas(trial, 'scope.name', 'lib', ['1']);
        await assertHas(trial, 'scope.version', '1.2', ['1']);
        await assertHas(trial, 'scope.name', 'Lib', []);
      },
    },
  ],
};
