import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createLogger, type LogFields } from '#lib/go-plugin';
import { Lines } from './helpers.ts';

const line = (fields: LogFields, message = 'm') => {
  const lines = new Lines();
  lines.log.error(message, fields);
  const [only = '', ...more] = lines.lines;
  assert.deepEqual(more, [], 'one write for each line');
  return only;
};

suite('the log', () => {
  test('is what hosts read: level, message, time and name as text', () => {
    const written: string[] = [];
    const now = () => Date.UTC(2026, 0, 2, 3, 4, 5, 6);
    const log = createLogger({ name: 'test', write: (text) => written.push(text), now });
    log
      .with({ a: 1, b: 1 })
      .with({ c: [true] })
      .warn('grüße\n', { b: 2 });
    assert.deepEqual(written, [
      '{"@level":"warn","@message":"grüße\\n","@timestamp":"2026-01-02T03:04:05.006000Z","@module":"test","a":1,"b":2,"c":[true]}\n',
    ]);
  });

  test('writes nothing below its level', () => {
    const written: string[] = [];
    const log = createLogger({ level: 'warn', write: (text) => written.push(text) });
    for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) log[level](level);
    assert.deepEqual(
      written.map((text) => JSON.parse(text)['@level']),
      ['warn', 'error'],
    );
    assert.equal(log.with({}).level, 'warn');
    createLogger({ level: 'off', write: (text) => written.push(text) }).error('nothing');
    assert.equal(written.length, 2);
  });

  test('shows values that JSON has no form for', () => {
    const circular: Record<string, unknown> = { name: 'c' };
    circular.self = circular;
    const cause = new Error('connection refused');
    const { stack, ...entry } = JSON.parse(
      line({
        big: 2n ** 64n,
        date: new Date(0),
        noDate: new Date(Number.NaN),
        nothing: undefined,
        none: null,
        nan: Number.NaN,
        bytes: new Uint8Array(3),
        map: new Map([['a', 1]]),
        set: new Set([1]),
        circular,
        symbol: Symbol('s'),
        url: new URL('http://a/b'),
        error: new Error('cannot query', { cause }),
        unreadable: {
          get value() {
            throw new Error('no');
          },
        },
      }),
    );
    for (const key of ['@level', '@message', '@timestamp']) delete entry[key];
    assert.deepEqual(entry, {
      big: '18446744073709551616',
      date: '1970-01-01T00:00:00.000Z',
      noDate: 'Invalid Date',
      none: null,
      nan: 'NaN',
      bytes: '[3 bytes]',
      map: { a: 1 },
      set: [1],
      circular: { name: 'c', self: '[circular]' },
      symbol: 'Symbol(s)',
      url: 'http://a/b',
      error: 'cannot query: connection refused',
      unreadable: '[unreadable]',
    });
    assert.match(stack, /cannot query\n.*log\.test\.ts.*caused by Error: connection refused/s);
  });

  test('no field takes the place of what hosts read', () => {
    const entry = JSON.parse(line({ '@level': 5, '@message': {}, '@timestamp': null, '@module': [] }));
    assert.deepEqual([entry['@level'], entry['@message'], entry._level], ['error', 'm', 5]);
    assert.equal(typeof entry['@timestamp'], 'string');
  });

  test('long texts are cut, with a mark', () => {
    const entry = JSON.parse(line({ text: 'x'.repeat(100_000) }, 'short'));
    assert.match(entry.text, /^x+ \[\d+ more\]$/);
    assert.equal(entry['@message'], 'short');
  });

  test('no line is longer than hosts take, and each is JSON, whatever it holds', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u0001'.repeat(70_000), 'ü'.repeat(50_000), '\ud800'.repeat(5000)),
    );
    const value = fc.oneof(
      text,
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }),
    );
    const many = fc.constant(
      Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`key ${at}`, 'v'.repeat(99)])),
    );
    fc.assert(
      fc.property(text, fc.oneof(fc.dictionary(fc.string(), value), many), (message, fields) => {
        const written = line(fields, message);
        assert.ok(Buffer.byteLength(written) <= 60 * 1024, `${Buffer.byteLength(written)} bytes`);
        assert.equal(written.indexOf('\n'), written.length - 1);
        const entry = JSON.parse(written);
        for (const key of ['@level', '@message', '@timestamp']) assert.equal(typeof entry[key], 'string');
        assert.match(entry['@timestamp'], /\.\d{6}Z$/);
      }),
      { numRuns: 200 },
    );
  });
});
