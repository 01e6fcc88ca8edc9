import assert from 'node:assert/strict';
import * as z from 'zod';
import { readAs, type Schema } from '../../../lib/grafana-plugin/schema.ts';

suite('a schema of the author', () => {
  test('gives what it makes of a value', async () => {
    const schema = z.object({ sides: z.int().default(6) });
    assert.deepEqual(await readAs(schema, { more: 1 }, 'it is wrong'), { sides: 6 });
  });

  test('that refuses a value: one line that says what is wrong where, and nobody has a bug', async () => {
    const schema = z.object({ sides: z.int(), kinds: z.array(z.enum(['red', 'blue'])) });
    await assert.rejects(readAs(schema, { kinds: ['red', 'green'] }, 'the query is wrong'), {
      name: 'DatasourceError',
      status: 400,
      source: 'downstream',
      message:
        'the query is wrong: sides: Invalid input: expected number, received undefined; ' +
        'kinds.1: Invalid option: expected one of "red"|"blue"',
    });
    await assert.rejects(readAs(schema, 'six', 'the query is wrong'), {
      message: 'the query is wrong: Invalid input: expected object, received string',
    });
  });

  test('may look things up', async () => {
    const schema = z.string().refine(async (name) => name === 'known', 'nobody knows it');
    assert.equal(await readAs(schema, 'known', 'it is wrong'), 'known');
    await assert.rejects(readAs(schema, 'other', 'it is wrong'), { message: 'it is wrong: nobody knows it' });
  });

  test('may be of any library that speaks Standard Schema', async () => {
    const even: Schema<number> = {
      '~standard': {
        version: 1,
        vendor: 'acme',
        validate: (value) =>
          Number(value) % 2 === 0
            ? { value: Number(value) }
            : { issues: [{ message: 'is odd', path: ['numbers', { key: 0 }] }] },
      },
    };
    assert.equal(await readAs(even, '4', 'it is wrong'), 4);
    await assert.rejects(readAs(even, '3', 'it is wrong'), { message: 'it is wrong: numbers.0: is odd' });
  });
});
