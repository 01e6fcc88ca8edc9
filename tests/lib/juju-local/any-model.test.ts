import assert from 'node:assert/strict';
import { liveThrough } from './any-model.ts';

suite('any local model', () => {
  // Thousands of them: `node tests/sim/any-models.ts`.
  const seeds = Array.from({ length: 20 }, (_, i) => i + 1);

  test(`loses no event, hook, action or removal, whatever happens: ${seeds.length} random ones`, async () => {
    for (const seed of seeds) assert.deepEqual(await liveThrough(seed), [], `seed ${seed}`);
  });
});
