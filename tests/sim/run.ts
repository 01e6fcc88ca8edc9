/**
 * Every scenario in many orders: with a process for each hook, as Juju runs them, and with hooks called as
 * functions, which is quick enough for hundreds of orders.
 *
 *   npm run sim                     the orders that CI runs
 *   npm run sim -- --seed 42        one order, to replay it
 *   npm run sim -- --orders 200     more orders
 *
 * Ends with a line `N passed, N failed`, and with 1 when an order failed.
 */
import { isDeepStrictEqual, parseArgs } from 'node:util';
import {
  type LoadedScenario,
  loadScenario,
  type RunningScenario,
  runScenario,
  scenarioNames,
} from '#src/local';
import { converse, ending } from '../model/conversation.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    orders: { type: 'string', default: '25' },
    processes: { type: 'string', default: '1' },
  },
});

const seeds = values.seed === undefined ? range(whole('orders')) : [whole('seed')];
const processSeeds = values.seed === undefined ? range(whole('processes')) : seeds;
let passed = 0;
let failed = 0;

for (const name of await scenarioNames()) {
  const loaded = await loadScenario(name);
  const inOrder = await finished(converse(loaded));
  for (const seed of seeds) {
    await check(`${name} --shuffle ${seed}`, inOrder, () => converse(loaded, { shuffle: seed }));
  }
  await check(`${name}, a process for each hook`, inOrder, () => runScenario(loaded));
  for (const seed of processSeeds) {
    await check(`${name} --shuffle ${seed}, a process for each hook`, inOrder, () =>
      shuffledRun(loaded, seed),
    );
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function shuffledRun(loaded: LoadedScenario, shuffle: number): Promise<RunningScenario> {
  return runScenario(loaded, { shuffle });
}

async function check(
  what: string,
  inOrder: RunningScenario,
  start: () => Promise<RunningScenario>,
): Promise<void> {
  const began = performance.now();
  const { result, ...running } = await finished(start());
  const same = isDeepStrictEqual(ending({ result, ...running }), ending(inOrder));
  const problems = [
    ...result.differences,
    ...(result.failedHooks === 0 ? [] : [`${result.failedHooks} hooks failed`]),
    ...(same ? [] : ['it ends otherwise than in order']),
  ];
  if (problems.length === 0) passed += 1;
  else failed += 1;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${problems.length === 0 ? 'ok' : 'FAILED'}  ${what}: ${result.hooks} hooks, ${seconds} s`);
  for (const problem of problems) console.log(`    ${problem}`);
}

async function finished(start: Promise<RunningScenario>): Promise<RunningScenario> {
  const running = await start;
  await running.close();
  return running;
}

/** A run of no orders at all would pass. */
function whole(option: keyof typeof values): number {
  const text = values[option] ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`--${option} takes a whole number, not '${text}'`);
  process.exit(2);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i + 1);
}
