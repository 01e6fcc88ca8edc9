/**
 * Every scenario in many orders: with a process for each hook, as Juju runs them, and with hooks called as
 * functions, which is quick enough for hundreds of orders. Processes take two of the ways to their agent: its socket in
 * the abstract space, and hook tools alone; of these a scenario leaves to tests/sim/real the one that it takes there,
 * in trouble. The third way, its socket on a file, the packed charm takes with every scenario (tests/packed). All has
 * to end the same.
 *
 *   npm run sim                     the orders that CI runs
 *   npm run sim -- --seed 42        one order, to replay it
 *   npm run sim -- --orders 200     more orders
 *
 * Ends with a line `N passed, N failed`, and with 1 when an order failed.
 */
import { isDeepStrictEqual, parseArgs } from 'node:util';
import {
  type AgentSocketForm,
  type LoadedScenario,
  loadScenario,
  type RunningScenario,
  runScenario,
  scenarioNames,
} from '#src/local';
import { converse, ending } from '../model/conversation.ts';
import { Ways } from '../model/ways.ts';
import { wayInTrouble } from './real/ways-in-trouble.ts';

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
  // To replay an order, by all ways. In CI the largest, which take minutes, are left to the packed charm.
  const isReplay = values.seed !== undefined;
  if (inOrder.result.hooks > 300 && !isReplay) continue;
  const leftOut = isReplay ? undefined : wayInTrouble.get(name);
  if (leftOut !== 'none') await checkProcesses(name, loaded, inOrder, { agentSocket: 'none' });
  for (const shuffle of leftOut === 'abstract' ? [] : processSeeds) {
    await checkProcesses(name, loaded, inOrder, { agentSocket: 'abstract', shuffle });
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Runs the charm's real executable, and makes sure that its hooks went by the way that is asked for. */
async function checkProcesses(
  name: string,
  loaded: LoadedScenario,
  inOrder: RunningScenario,
  options: { readonly agentSocket: AgentSocketForm; readonly shuffle?: number },
): Promise<void> {
  const ways = new Ways(loaded);
  const order = options.shuffle === undefined ? '' : ` --shuffle ${options.shuffle}`;
  await check(
    `${name} --agent-socket ${options.agentSocket}${order}, a process for each hook`,
    inOrder,
    () => runScenario(loaded, { ...options, onActivity: (activity) => ways.activity(activity) }),
    () => ways.problems(options.agentSocket),
  );
}

async function check(
  what: string,
  inOrder: RunningScenario,
  start: () => Promise<RunningScenario>,
  more: () => readonly string[] = () => [],
): Promise<void> {
  const began = performance.now();
  const { result, ...running } = await finished(start());
  const same = isDeepStrictEqual(ending({ result, ...running }), ending(inOrder));
  const problems = [
    ...result.differences,
    ...(result.failedHooks === 0 ? [] : [`${result.failedHooks} hooks failed`]),
    ...(same ? [] : ['it ends otherwise than in order']),
    ...more(),
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
