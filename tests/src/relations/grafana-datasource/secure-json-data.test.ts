import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  readSecureJsonData,
  readSecureJsonDataSecret,
  secureJsonDataSecret,
} from '#src/relations/grafana-datasource';

const value = 'hunter2-hunter2';

suite('secureJsonData in a Juju secret', () => {
  const anyData = fc.dictionary(
    fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,20}$/),
    fc.string({ minLength: 1, maxLength: 50, unit: 'grapheme' }),
    { minKeys: 1, maxKeys: 20, noNullPrototype: true },
  );

  test('is read as it was written, under one key, which is not that of an operator’s secret', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const content = secureJsonDataSecret(data);
        assert.deepEqual(Object.keys(content), ['secure-extra-fields']);
        assert.deepEqual(readSecureJsonDataSecret(content), { data });
      }),
    );
  });

  test('has equal bytes for equal data', () => {
    fc.assert(
      fc.property(anyData, (data) => {
        const reversed = Object.fromEntries(Object.entries(data).toReversed());
        assert.deepEqual(secureJsonDataSecret(reversed), secureJsonDataSecret(data));
      }),
    );
  });

  const refused: readonly [what: string, given: unknown, path: string, message: RegExp][] = [
    ['nothing', null, '', /^expected an object of texts/],
    ['text', value, '', /^expected an object of texts/],
    ['a list', [value], '', /^expected an object of texts/],
    ['no key at all', {}, '', /^expected at least one key$/],
    ['a number', { password: 4711 }, '.password', /^expected text .* in quotes$/],
    ['an object', { tlsCACert: { pem: value } }, '.tlsCACert', /^expected text/],
    ['an empty text', { fine: value, password: '' }, '.password', /^expected text that is not empty/],
    ['no key of Grafana', { fine: 'x', 'my pass: word': value }, '', /^key number 2 is no name/],
    ['a key that is the secret itself', { [`!${value}`]: '' }, '', /^key number 1 is no name/],
    ['a key of 128 characters', { ['k'.repeat(128)]: value }, '', /^key number 1 is no name/],
    ['__proto__', JSON.parse(`{"a":"b","__proto__":"${value}"}`), '', /^key number 2 is no name/],
    [
      '33 keys',
      Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`k${n}`, value])),
      '',
      /at most 32 keys/,
    ],
    ['more than Juju takes', { a: 'x'.repeat(8200) }, '', /at most 8192 bytes/],
  ];
  for (const [what, given, path, message] of refused) {
    test(`refuses ${what}, and says where without the value`, () => {
      const reading = readSecureJsonData(given);
      assert.ok('problem' in reading);
      assert.equal(reading.problem.path, path);
      assert.match(reading.problem.message, message);
      assert.ok(!JSON.stringify(reading).includes(value));
    });
  }

  test('the names that Grafana and JavaScript share are names', () => {
    const data = { constructor: 'a', toString: 'b', httpHeaderValue1: 'c', 'sigv4.secret-key_2': 'd' };
    assert.deepEqual(readSecureJsonData(data), { data });
  });

  for (const [what, content] of [
    ['another key', { password: value }],
    ['no JSON', { 'secure-extra-fields': `password: ${value}` }],
    ['JSON that is no object', { 'secure-extra-fields': `"${value}"` }],
    ['nesting without end', { 'secure-extra-fields': '['.repeat(8000) }],
  ] as const) {
    test(`a secret with ${what} is a problem, whose text tells nothing of it`, () => {
      const reading = readSecureJsonDataSecret(content);
      assert.ok('problem' in reading);
      assert.ok(!JSON.stringify(reading).includes(value));
    });
  }

  test('anything at all is read or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.anything(), (given) => {
        const reading = readSecureJsonData(given);
        assert.equal('data' in reading, !('problem' in reading));
      }),
    );
  });
});
