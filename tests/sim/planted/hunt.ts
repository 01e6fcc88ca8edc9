/**
 * The process of one bug: lives through worlds until one of them catches it, and tells its parent.
 *
 *   node tests/sim/planted/hunt.ts NAME FIRST WORLDS     `-` for the charm as it is
 */
import { bugs } from './bugs/index.ts';
import type { Found } from './found.ts';
import { loadPlanted } from './plant.ts';

const [name = '', first = '', worlds = ''] = process.argv.slice(2);
const bug = bugs.find((one) => one.name === name);
if (!bug && name !== '-') throw new Error(`no such bug: ${name}`);
const { judge, assertLoaded } = await loadPlanted(bug);
let found: Found | undefined;
const last = Number(first) + Number(worlds) - 1;
for (let seed = Number(first); seed <= last && !found; seed += 1) {
  const [problem] = await judge(seed);
  if (problem !== undefined) found = { seed, problem };
}
assertLoaded();
process.send?.(found ?? null);
if (process.send === undefined) console.log(found ?? 'not caught');
