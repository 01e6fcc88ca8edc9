/**
 * What a hook that changes nothing costs: the packed charm's, and the same hook of a Python charm.
 *
 *   npm run bench:hook             3, 20 and 200 relations
 *   npm run bench:hook -- 3 20     other numbers of relations
 *
 * Exits with 0 when it could measure, whether or not targets are met: on a machine that is busy with other things
 * absolute times say little. Both charms take turns, so that the ratios hold there too.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '#src/local';
import { load, median } from './figures.ts';
import { type Figures, HookWorld, type Measured } from './hook-world.ts';

const limits = { wallMs: 100, peakMb: 80 };
/** How much faster than the Python charm, by number of relations. */
const wantedRatios: ReadonlyMap<number, number> = new Map([
  [3, 5],
  [200, 20],
]);
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [3, 20, 200];
if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 2)) {
  console.error('give numbers of relations, from 2 on: npm run bench:hook -- 3 20 200');
  process.exit(2);
}

console.log(`update-status of a leader, with nothing to change. One local model: the packed
charm and a Python charm (ops, cosl, coordinated-workers), each a Tempo that is
registered with a Grafana and exchanges datasources with the same peers; and the
packed charm as that Grafana's gateway, which asks it over HTTP. They take turns,
one hook at a time, after a first one that does not count.

The Python charm spawns hook tools, as ops does. Here a tool is a shell script
of about 1 ms; Juju's own is a Go program of about 10 ms. So on a real machine
the ratios are higher than these, and spawning costs ours more than it does here.

${availableParallelism()} cores (${cpus()[0]?.model.trim()}), load ${load()} at the start
`);
console.log(row('relations', 'hook', 'wall ms (min-max)', 'cpu ms', 'peak MB', 'target'));

const python = execFileSync(join(projectFolder, 'tests/interop/python/setup'), { encoding: 'utf8' }).trim();
await using world = await HookWorld.open(join(python, 'bin/python'));
for (const size of sizes.toSorted((a, b) => a - b)) {
  await world.grow(size);
  const runs = size > 100 ? 3 : 7;
  const { ours, python, gateway } = await takeTurns(runs, ['ours', 'python', 'gateway']);
  print(size, 'crosslink', ours, withinLimits(ours));
  print(size, 'Python', python, '');
  const ratio = medianOf(python, 'wallMs') / medianOf(ours, 'wallMs');
  const wanted = wantedRatios.get(size);
  const cpuRatio = medianOf(python, 'cpuMs') / medianOf(ours, 'cpuMs');
  const verdict = wanted === undefined ? '' : `>= ${wanted}: ${met(ratio >= wanted)}`;
  console.log(row('', '  ratio', ratio.toFixed(1), cpuRatio.toFixed(1), '', verdict));
  print(size, 'gateway', gateway, withinLimits(gateway));
}
const largest = Math.max(...sizes);
await world.useSocket(false);
const { ours: spawning } = await takeTurns(3, ['ours']);
print(largest, 'spawning', spawning, '');
console.log(`
'spawning' is crosslink without the agent's socket, which it then does not need.
Load ${load()} at the end.`);

/** Runs all hooks once, which does not count, and then in turns. */
async function takeTurns<Which extends Measured>(runs: number, which: readonly Which[]) {
  const results = Object.fromEntries(which.map((one) => [one, []])) as unknown as Record<Which, Figures[]>;
  for (const one of which) await world.hook(one);
  for (let i = 0; i < runs; i += 1) {
    for (const one of which) results[one].push(await world.hook(one));
  }
  return results;
}

function withinLimits(figures: readonly Figures[]): string {
  const { wallMs, peakMb } = limits;
  const ok = medianOf(figures, 'wallMs') <= wallMs && medianOf(figures, 'peakMb') <= peakMb;
  return `<= ${wallMs}, ${peakMb}: ${met(ok)}`;
}

function met(ok: boolean): string {
  return ok ? 'met' : 'NOT MET';
}

function print(size: number, name: string, figures: readonly Figures[], verdict: string): void {
  const wall = figures.map(({ wallMs }) => wallMs);
  const range = `${Math.min(...wall).toFixed(0)}-${Math.max(...wall).toFixed(0)}`;
  const time = `${medianOf(figures, 'wallMs').toFixed(0)} (${range})`;
  const [cpu, peak] = [medianOf(figures, 'cpuMs'), medianOf(figures, 'peakMb')];
  console.log(row(String(size), name, time, cpu.toFixed(0), peak.toFixed(0), verdict));
}

function row(size: string, name: string, time: string, cpu: string, peak: string, target: string): string {
  const cells = [
    size.padStart(9),
    name.padEnd(10),
    time.padStart(18),
    cpu.padStart(7),
    peak.padStart(8),
    target,
  ];
  return cells.join('  ').trimEnd();
}

function medianOf(figures: readonly Figures[], of: keyof Figures): number {
  return median(figures.map((one) => one[of]));
}
