/**
 * The process of one bug: lives through worlds until one of them catches it, and tells its parent.
 *
 *   node tests/sim/planted/hunt.ts NAME FIRST WORLDS [KNOWN]     `-` for the charm as it is; KNOWN is looked at first
 */
import { bugs } from './bugs/index.ts';
import type { Found } from './found.ts';
import { loadPlanted } from './plant.ts';

const [name = '', first = '', worlds = '', known] = process.argv.slice(2);
const bug = bugs.find((one) => one.name === name);
if (!bug && name !== '-') throw new Error(`no such bug: ${name}`);
const { judge, assertLoaded } = await loadPlanted(bug);
let found: Found | undefined;
if (known !== undefined) await look(Number(known));
const last = Number(first) + Number(worlds) - 1;
for (let seed = Number(first); seed <= last && !found; seed += 1) await look(seed);
assertLoaded();
process.send?.(found ?? null);
if (process.send === undefined) console.log(found ?? 'not caught');

async function look(seed: number): Promise<void> {
  const [problem] = await judge(seed);
  if (problem !== undefined) found = { seed, problem };
}
