import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as z from 'zod';
import { firstColumn, read } from './pages.ts';

suite('lib/README.md', () => {
  test('names every library that can be imported and no others', async () => {
    const { exports } = z
      .object({ exports: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await read('package.json')));
    const page = await read('lib/README.md');
    assert.deepEqual(
      firstColumn(page, '## What can be imported').toSorted(),
      Object.keys(exports)
        .map((name) => join('crosslink', name))
        .toSorted(),
    );
  });
});
