/**
 * What a plugin costs, seen by its host: the basic and the streaming example, built as they are installed, and the same
 * two plugins in Go on Grafana's SDK (tests/interop/go/reference). Needs Go.
 *
 *   npm run bench:plugin            three rounds of 3 s each load
 *   npm run bench:plugin -- 1 1     one round, of one second
 *
 * They take turns, so that the ratios hold on a machine that is busy with other things as well. The host and the plugin
 * share the machine's cores. Exits with 0 when it could measure, whether or not targets are met.
 */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { projectFolder } from '#src/local';
import { load, median } from './figures.ts';

const Spread = z.object({ median: z.number() });
const Report = z.object({
  ready: z.object({ handshakeMs: Spread, readyMs: Spread, firstAnswerMs: Spread }),
  queries: z
    .record(z.string(), z.object({ latencyMs: Spread, perSecond: z.number(), frameBytes: z.number() }))
    .optional(),
  stream: z.object({ framesPerSecond: z.number() }).optional(),
  memory: z.object({ idleBytes: z.number(), afterLoadBytes: z.number() }),
});
type Report = z.infer<typeof Report>;

/** A figure, in which better is more or less, and how ours has to stand to Go's. */
interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly of: (basic: Report, streaming: Report) => number;
  readonly target?: { readonly says: string; met(ours: number, go: number): boolean };
}

const MiB = 1024 * 1024;
const queriesOf = (report: Report, points: number) =>
  report.queries?.[points] ?? { latencyMs: { median: Number.NaN }, perSecond: Number.NaN };
const figures: readonly Figure[] = [
  {
    what: 'start to ready',
    unit: 'ms',
    of: (basic) => basic.ready.readyMs.median,
    target: { says: '<= 300 ms', met: (ours) => ours <= 300 },
  },
  { what: 'start to first answer', unit: 'ms', of: (basic) => basic.ready.firstAnswerMs.median },
  ...[1, 1_000, 100_000].map((points) => ({
    what: `latency, ${points.toLocaleString('en')} points`,
    unit: 'ms',
    of: (basic: Report) => queriesOf(basic, points).latencyMs.median,
  })),
  ...[1, 1_000, 100_000].map((points) => ({
    what: `queries a second, ${points.toLocaleString('en')}`,
    unit: '/s',
    of: (basic: Report) => queriesOf(basic, points).perSecond,
    ...(points === 1_000 && {
      target: { says: ">= half of Go's", met: (ours: number, go: number) => ours >= go / 2 },
    }),
  })),
  {
    what: 'frames a second, one stream',
    unit: '/s',
    of: (_, streaming) => streaming.stream?.framesPerSecond ?? Number.NaN,
  },
  { what: 'resident memory, idle', unit: 'MiB', of: (basic) => basic.memory.idleBytes / MiB },
  { what: 'resident memory, after', unit: 'MiB', of: (basic) => basic.memory.afterLoadBytes / MiB },
];

const [rounds = 3, seconds = 3] = process.argv.slice(2).map(Number);
if (!(Number.isSafeInteger(rounds) && rounds >= 1 && seconds > 0)) {
  console.error('give a number of rounds, and how many seconds a load lasts: npm run bench:plugin -- 3 3');
  process.exit(2);
}
const run = promisify(execFile);
const cache = join(projectFolder, '.cache/bench-plugin');
const go = join(projectFolder, 'tests/interop/go');

console.log(`${availableParallelism()} cores (${cpus()[0]?.model.trim()}), load ${load()} at the start`);
await mkdir(cache, { recursive: true });
const [host, reference, basic, streaming] = await Promise.all([
  goProgram('conformance', './bench-host', 'bench-host'),
  goProgram('reference', '.', 'reference'),
  executable('examples/basic-datasource'),
  executable('examples/streaming-datasource'),
]);

const ours: [Report, Report][] = [];
const theirs: [Report, Report][] = [];
for (let round = 0; round < rounds; round++) {
  ours.push([await measure([basic]), await measure([streaming], '-streaming')]);
  theirs.push([await measure([reference, 'basic']), await measure([reference, 'streaming'], '-streaming')]);
}

console.log(`32 queries in flight; medians of ${rounds} rounds of ${seconds} s a load\n`);
console.log(row('', 'ours', 'Go', 'ours/Go', 'target'));
for (const { what, unit, of, target } of figures) {
  const [one, other] = [ours, theirs].map((all) =>
    median(all.map(([basic, streaming]) => of(basic, streaming))),
  );
  if (one === undefined || other === undefined) continue;
  const verdict = target === undefined ? '' : `${target.says}: ${target.met(one, other) ? 'met' : 'MISSED'}`;
  console.log(row(what, shown(one, unit), shown(other, unit), (one / other).toFixed(2), verdict));
}
console.log(`\nload ${load()} at the end`);

async function goProgram(module: string, folder: string, name: string): Promise<string> {
  const file = join(cache, name);
  await run('go', ['build', '-o', file, folder], { cwd: join(go, module) });
  return file;
}

async function executable(folder: string): Promise<string> {
  const out = join(cache, folder);
  const target = process.arch === 'arm64' ? 'linux_arm64' : 'linux_amd64';
  const args = ['plugin', 'build', join(projectFolder, folder), '--out', out, '--target', target];
  await run(join(projectFolder, 'crosslink'), args);
  return join(out, `gpx_${folder.split('/')[1]?.split('-')[0]}_${target}`);
}

async function measure(command: readonly string[], ...flags: readonly string[]): Promise<Report> {
  try {
    const { stdout } = await run(host, ['-seconds', String(seconds), ...flags, ...command]);
    return Report.parse(JSON.parse(stdout));
  } catch (error) {
    if (!(error instanceof Error && 'stderr' in error)) throw error;
    console.error(String(error.stderr).trimEnd());
    process.exit(1);
  }
}

function shown(value: number, unit: string): string {
  return `${value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString('en')} ${unit}`;
}

function row(what: string, ours: string, go: string, ratio: string, target: string): string {
  return `${what.padEnd(28)}${ours.padStart(12)}${go.padStart(12)}${ratio.padStart(9)}  ${target}`.trimEnd();
}
