import { projectFolder, UsageError } from '#src/local';
import {
  judge,
  loadCharm,
  planOf,
  planText,
  type SimulatedCharm,
  shrink,
  simulateAll,
} from '#src/simulation';
import { print } from './output.ts';
import { parseOptions } from './parse-options.ts';

export const simulateHelp = `Usage: crosslink simulate [OPTIONS]

Lets random models live through random trouble: the charm, its peers, Grafanas
that go wrong, operators and Juju, in one process and without real time passing.
The same seed gives the same world, step by step. What has to hold is looked at
all the time: docs/reliability.md tells what that is.

Options:
  --seed N     the first world, or the only one; 1 when left out
  --worlds N   how many; one with --seed, a thousand without
  --trace      show each step of the only one
`;

const options = {
  seed: { type: 'string' },
  worlds: { type: 'string' },
  trace: { type: 'boolean', default: false },
} as const;

/** @returns the exit code: 1 when something did not hold */
export async function simulateCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    await print(simulateHelp);
    return 0;
  }
  const { values, positionals } = parseOptions('simulate', args, options);
  const [extra] = positionals;
  if (extra !== undefined) throw wrong(`crosslink simulate takes no '${extra}'`);
  const first = whole('seed', values.seed ?? '1');
  const worlds = whole('worlds', values.worlds ?? (values.seed === undefined ? '1000' : '1'));
  if (worlds === 0) throw wrong('--worlds takes a number from 1 on');
  if (values.trace && worlds > 1) throw wrong('--trace shows a single world: name its --seed');
  return worlds === 1 ? one(first, values.trace) : many(first, worlds);
}

async function one(seed: number, trace: boolean): Promise<number> {
  const charm = await loadCharm(projectFolder);
  const plan = planOf(seed);
  await print(`${planText(plan).join('\n')}\n`);
  const show = (line: string) => void process.stdout.write(`  ${line}\n`);
  const { problems, hooks } = await judge(plan, charm, ...(trace ? [show] : []));
  if (problems.length > 0) await tell(seed, problems, charm);
  await print(`seed ${seed}: ${hooks} hooks\n${counts(1, problems.length > 0 ? 1 : 0)}`);
  return problems.length > 0 ? 1 : 0;
}

async function many(first: number, worlds: number): Promise<number> {
  const began = performance.now();
  let done = 0;
  const result = await simulateAll({ folder: projectFolder, first, worlds }, ({ seed, problems }) => {
    done += 1;
    // A word every so often, for those who wait.
    if (done % 1000 === 0) process.stderr.write(`${done} of ${worlds} worlds\n`);
    if (problems.length > 0) process.stderr.write(`seed ${seed}: ${problems[0]}\n`);
  });
  const [worst] = result.failures;
  if (worst) await tell(worst.seed, worst.problems, await loadCharm(projectFolder));
  const seconds = (performance.now() - began) / 1000;
  const perWorld = Math.round(result.hooks / result.worlds);
  const table = [...result.troubles].map(
    ([kind, count]) => `  ${kind.padEnd(24)}${String(count).padStart(9)}`,
  );
  await print(
    [
      `${result.worlds} worlds from seed ${first} on, ${result.hooks} hooks (${perWorld} each), ${seconds.toFixed(0)} s`,
      'What went wrong on purpose:',
      ...table,
      counts(result.worlds, result.failures.length),
    ].join('\n'),
  );
  return result.failures.length > 0 ? 1 : 0;
}

/** What failed, the smallest that fails in the same way or another, and how to see it again. */
async function tell(seed: number, problems: readonly string[], charm: SimulatedCharm): Promise<void> {
  await print(`seed ${seed} FAILED\n${problems.map((problem) => `  ${problem}\n`).join('')}`);
  const smallest = await shrink(planOf(seed), charm);
  if (smallest) {
    const lines = [...planText(smallest.plan), ...smallest.outcome.problems.map((text) => `fails: ${text}`)];
    await print(`The smallest that fails:\n${lines.map((line) => `  ${line}\n`).join('')}`);
    await print(`As a plan for a test:\n  ${JSON.stringify(smallest.plan)}\n`);
  }
  await print(`Replay it: ./crosslink simulate --seed ${seed} --trace\n`);
}

function counts(worlds: number, failed: number): string {
  return `${worlds - failed} passed, ${failed} failed\n`;
}

function whole(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw wrong(`--${option} takes a whole number, not '${text}'`);
}

function wrong(what: string): UsageError {
  return new UsageError(`${what}; crosslink help simulate shows the options`);
}
