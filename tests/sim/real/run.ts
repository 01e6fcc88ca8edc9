/**
 * Scenarios in trouble, for real: a process for each hook, one in four of which is killed with SIGKILL; and before each
 * Grafana a TCP proxy that goes wrong at the bytes for one connection in four. Then all is well again, and it has to
 * end as if nothing had happened.
 *
 *   npm run sim:real                     what CI runs
 *   npm run sim:real -- --rounds 10      ten times as much
 *   npm run sim:real -- --seed 42 --scenario cos --agent-socket none --no-passwords
 *
 * What goes wrong follows from the seed. Which hook or request it meets follows also from how processes overlap: a seed
 * that failed may have to be run several times. Ends with a line `N passed, N failed`, and with 1 when a run failed.
 */
import { parseArgs } from 'node:util';
import { type AgentSocketForm, agentSocketForms, type LoadedScenario, loadScenario } from '#src/local';
import { faultKinds } from './faults.ts';
import { moments } from './killer.ts';
import { type TroubledRun, troubledRun, undisturbedEnding } from './troubled-run.ts';
import { wayInTrouble } from './ways-in-trouble.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '1' },
    scenario: { type: 'string' },
    'agent-socket': { type: 'string' },
    passwords: { type: 'boolean' },
    kills: { type: 'string', default: '25' },
    faults: { type: 'string', default: '25' },
  },
  allowNegative: true,
});

/** Of a hook that waits 10 s for a silent Grafana nobody else has to wait for the end. */
const sideBySide = 2;

const seed = whole('seed');
const rounds = whole('rounds');
const kills = whole('kills') / 100;
const faults = whole('faults') / 100;
const forms = agentSocketForms.filter((form) => form === (values['agent-socket'] ?? form));
if (forms.length === 0) {
  console.error(`--agent-socket takes one of ${agentSocketForms.join(', ')}`);
  process.exit(2);
}
const names = values.scenario === undefined ? [...wayInTrouble.keys()] : [values.scenario];
const done: TroubledRun[] = [];
let failed = 0;

interface Turn {
  readonly name: string;
  readonly seed: number;
  readonly agentSocket: AgentSocketForm;
  readonly withPasswords: boolean;
}

/** With each round a scenario takes the next way to its agents, and every third time a datasource gets passwords. */
const turns: Turn[] = Array.from({ length: rounds }, (_, round) =>
  names.map((name, i) => ({
    name,
    seed: seed + round,
    agentSocket:
      forms[(Math.max(0, forms.indexOf(wayInTrouble.get(name) ?? 'file')) + round) % forms.length] ?? 'file',
    withPasswords: values.passwords ?? (round + i) % 3 === 0,
  })),
).flat();
const loaded = new Map<string, LoadedScenario>();
for (const name of names) loaded.set(name, await loadScenario(name));
/** How a turn has to end. */
const endings = new Map<string, unknown>();
for (const { name, withPasswords } of turns) {
  const key = `${name} ${withPasswords}`;
  if (!endings.has(key)) endings.set(key, await undisturbedEnding(scenario(name), withPasswords));
}
const left = [...turns];
await Promise.all(Array.from({ length: sideBySide }, takeTurns));
tellFigures();
console.log(`${turns.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && turns.length > 0 ? 0 : 1;

async function takeTurns(): Promise<void> {
  for (let turn = left.shift(); turn !== undefined; turn = left.shift()) await take(turn);
}

function scenario(name: string): LoadedScenario {
  const found = loaded.get(name);
  if (found === undefined) throw new Error(`${name} is not loaded`);
  return found;
}

async function take({ name, ...options }: Turn): Promise<void> {
  const began = performance.now();
  let problems: readonly string[];
  let figures = '';
  const wanted = endings.get(`${name} ${options.withPasswords}`);
  try {
    const run = await troubledRun(scenario(name), wanted, { ...options, kills, faults });
    done.push(run);
    problems = run.problems;
    const struck = sum(Object.values(run.faults));
    figures = `${run.hooks} hooks, ${sum(run.kills.values())} kills, ${struck} faults in ${run.connections} connections, ${run.rounds} rounds, `;
  } catch (error) {
    problems = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
  if (problems.length > 0) failed += 1;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const passwords = options.withPasswords ? '--passwords' : '--no-passwords';
  const how = `--scenario ${name} --seed ${options.seed} --agent-socket ${options.agentSocket} ${passwords}`;
  console.log(`${problems.length === 0 ? 'ok' : 'FAILED'}  ${how}: ${figures}${seconds} s`);
  for (const problem of problems) console.log(`    ${problem}`);
  if (problems.length > 0) console.log(`    again: npm run sim:real -- ${how}`);
}

function tellFigures(): void {
  const killed = moments.map((moment) => `${sum(done.map((run) => run.kills.get(moment) ?? 0))} ${moment}`);
  const struck = faultKinds.map((kind) => `${sum(done.map((run) => run.faults[kind] ?? 0))} ${kind}`);
  const hooks = sum(done.map((run) => run.hooks));
  const connections = sum(done.map((run) => run.connections));
  console.log(`${done.length} runs, ${hooks} hooks, ${connections} connections to Grafana`);
  console.log(`killed: ${killed.join(', ')}`);
  console.log(`faults: ${struck.join(', ')}`);
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0);
}

/** A run of nothing at all would pass. */
function whole(option: 'seed' | 'rounds' | 'kills' | 'faults'): number {
  const text = values[option];
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`--${option} takes a whole number, not '${text}'`);
  process.exit(2);
}
