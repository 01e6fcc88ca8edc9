import assert from 'node:assert/strict';
import { messageOf, statusOf } from '../../../lib/go-plugin/errors.ts';
import { logLine } from '../../../lib/go-plugin/log.ts';
import { createLogger } from '../../../lib/go-plugin/logger.ts';

const circular = new Error('round');
circular.cause = circular;
const unreadable = Object.defineProperty(new Error(), 'message', {
  get() {
    throw new Error('no');
  },
});
const thrown: readonly (readonly [string, unknown, string])[] = [
  ['text', 'away', 'away'],
  ['nothing', undefined, 'undefined'],
  ['what has no prototype', Object.create(null), 'an error that cannot be shown as text'],
  ['a message that is no text', Object.assign(new Error(), { message: { code: 7 } }), '[object Object]'],
  ['a message that is a number', Object.assign(new Error(), { message: 42 }), '42'],
  ['no message', new RangeError(), 'RangeError'],
  ['a message that cannot be read', unreadable, 'an error that cannot be shown as text'],
  ['its own cause', circular, 'round'],
];

suite('what methods throw', () => {
  for (const [what, error, message] of thrown) {
    test(`${what} has a status and a line in the log`, () => {
      assert.equal(messageOf(error), message);
      assert.deepEqual(statusOf(error), { code: 2, details: message, metadata: null });
      const head = { level: 'error', message: 'm', name: undefined, now: 0 } as const;
      assert.equal(JSON.parse(logLine(head, { error }))['@level'], 'error');
    });
  }

  test('fields that cannot be read are a line nevertheless', () => {
    const lines: string[] = [];
    const fields = {
      get secret(): string {
        throw new Error('no');
      },
    };
    const log = createLogger({ write: (line) => lines.push(line) });
    log.info('first', fields);
    log.with(fields).info('second');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)['@message']),
      ['first', 'second'],
    );
  });
});
