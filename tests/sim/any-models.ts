/**
 * Hunts for what a local model may lose, in random models.
 *
 *   node tests/sim/any-models.ts                          a thousand
 *   node tests/sim/any-models.ts --first 42 --models 1    one, to look at it again
 *
 * Order between units and relations follows from the seed, but how hooks overlap also from the machine: a seed that
 * failed may have to be run several times. Ends with a line `N passed, N failed`, and with 1 when a model failed.
 */
import { parseArgs } from 'node:util';
import { liveThrough } from '../lib/juju-local/any-model.ts';

const { values } = parseArgs({
  options: { first: { type: 'string', default: '1' }, models: { type: 'string', default: '1000' } },
});
const first = Number(values.first);
const models = Number(values.models);
let failed = 0;
for (let seed = first; seed < first + models; seed += 1) {
  const problems = await liveThrough(seed).catch((error: unknown) => [String(error)]);
  if (problems.length > 0) failed += 1;
  for (const problem of problems) console.log(`seed ${seed}: ${problem}`);
}
console.log(`${models - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && models > 0 ? 0 : 1;
