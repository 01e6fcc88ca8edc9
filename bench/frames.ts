/**
 * Times the frame codecs of lib/grafana-plugin, apache-arrow's own writer, and, where Go is installed, the codecs of
 * grafana-plugin-sdk-go on the same frames: medians in microseconds.
 *
 *     node bench/frames.ts
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { decodeArrow } from '../lib/grafana-plugin/frame/arrow-decode.ts';
import { encodeArrow } from '../lib/grafana-plugin/frame/arrow-encode.ts';
import { numberField, timeField } from '../lib/grafana-plugin/frame/fields.ts';
import { createFrame, type Frame } from '../lib/grafana-plugin/frame/frame.ts';
import { decodeFrameJson } from '../lib/grafana-plugin/frame/json-decode.ts';
import { encodeFrameJson } from '../lib/grafana-plugin/frame/json-encode.ts';
import { median } from './figures.ts';

const sizes = [1, 1_000, 100_000, 1_000_000];
const works = ['encodeArrow', 'decodeArrow', 'encodeJson', 'decodeJson'] as const;
type Figures = Record<(typeof works)[number], number>;

const firstFrameMs = await inNewProcess(`
  import { createFrame } from './lib/grafana-plugin/frame/frame.ts';
  import { numberField, timeField } from './lib/grafana-plugin/frame/fields.ts';
  import { encodeArrow } from './lib/grafana-plugin/frame/arrow-encode.ts';
  const fields = [timeField('t', [1, 2]), numberField('v', [1, 2])];
  encodeArrow(createFrame({ fields }));`);
const libraryMs = await inNewProcess(
  "import { RecordBatchReader } from 'apache-arrow'; RecordBatchReader.from([]);",
);
const ours = new Map<number, Figures & { library: number }>();
for (const points of sizes) ours.set(points, await measure(points));
const go = await measureGo();

console.log(`first frame of a process, loading and all: ${firstFrameMs.toFixed(1)} ms`);
console.log(`loading apache-arrow, which only decoding does: ${libraryMs.toFixed(1)} ms\n`);
console.log(row('points', 'what', 'ours µs', 'Go µs', 'ours/Go'));
for (const [points, figures] of ours) {
  for (const work of works) {
    const theirs = go?.get(points)?.[work];
    console.log(
      row(
        points,
        work,
        micros(figures[work]),
        micros(theirs),
        theirs ? (figures[work] / theirs).toFixed(2) : '-',
      ),
    );
  }
  console.log(row(points, "apache-arrow's writer", micros(figures.library), '', ''));
}

/** @returns median ms that a program takes once Node is up, in one file as plugins ship */
async function inNewProcess(program: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-frames-'));
  try {
    const work = join(folder, 'work.mjs');
    const root = join(import.meta.dirname, '..');
    const stdin = { contents: program, resolveDir: root, loader: 'ts' as const };
    await build({ stdin, bundle: true, platform: 'node', format: 'esm', outfile: work, logLevel: 'error' });
    const main = `const start = performance.now(); await import(${JSON.stringify(work)}); console.log(performance.now() - start);`;
    const times: number[] = [];
    for (let run = 0; run < 9; run++) {
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', main]);
      times.push(Number(stdout));
    }
    return median(times);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The frame that tests/interop/go/frames/bench/main.go makes. */
function cpuFrame(points: number): Frame {
  const times = BigInt64Array.from(
    { length: points },
    (_, index) => BigInt(1_700_000_000 + index) * 1_000_000_000n,
  );
  const values = Float64Array.from({ length: points }, (_, index) => index * 1.1);
  return createFrame({
    name: 'cpu',
    fields: [timeField('time', times), numberField('value', values, { labels: { host: 'a' } })],
  });
}

async function measure(points: number): Promise<Figures & { library: number }> {
  const frame = cpuFrame(points);
  const arrow = encodeArrow(frame);
  const json = encodeFrameJson(frame);
  const runs = Math.max(11, Math.min(20_000, Math.floor(20_000_000 / (points + 1000))));
  const fewer = Math.max(5, Math.floor(runs / 10));
  const { readArrow } = await import('../lib/grafana-plugin/frame/arrow-read.ts');
  await decodeArrow(arrow);
  return {
    encodeArrow: medianMicros(runs, () => encodeArrow(frame)),
    decodeArrow: medianMicros(runs, () => readArrow(arrow)),
    encodeJson: medianMicros(fewer, () => encodeFrameJson(frame)),
    decodeJson: medianMicros(fewer, () => decodeFrameJson(json)),
    library: await measureLibrary(frame, fewer),
  };
}

/** What the same file costs when apache-arrow writes it. */
async function measureLibrary(frame: Frame, runs: number): Promise<number> {
  const arrow = await import('apache-arrow');
  const [time, value] = frame.fields;
  return medianMicros(runs, () => {
    const table = new arrow.Table({
      time: new arrow.Vector([
        arrow.makeData({ type: new arrow.TimestampNanosecond(), data: time?.values as BigInt64Array }),
      ]),
      value: arrow.makeVector(value?.values as Float64Array),
    });
    return arrow.tableToIPC(table, 'file');
  });
}

function medianMicros(runs: number, work: () => unknown): number {
  for (let run = 0; run < runs / 10; run++) work();
  const took = new Float64Array(runs);
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    work();
    took[run] = performance.now() - start;
  }
  return median(took) * 1000;
}

async function measureGo(): Promise<Map<number, Figures> | undefined> {
  const run = promisify(execFile);
  const folder = await mkdtemp(join(tmpdir(), 'bench-frames-'));
  try {
    const binary = join(folder, 'bench');
    await run('go', ['build', '-o', binary, './bench'], {
      cwd: join(import.meta.dirname, '../tests/interop/go/frames'),
    });
    const { stdout } = await run(binary);
    const lines = stdout.trim().split('\n');
    return new Map(
      lines
        .map((line) => JSON.parse(line) as Figures & { points: number })
        .map((each) => [each.points, each]),
    );
  } catch (error) {
    console.log(`no figures of Go: ${(error as Error).message.split('\n')[0]}`);
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function micros(value: number | undefined): string {
  return value === undefined ? '-' : value < 100 ? value.toFixed(1) : value.toFixed(0);
}

function row(...cells: (string | number)[]): string {
  return cells.map((cell, index) => (index === 1 ? `${cell}`.padEnd(24) : `${cell}`.padStart(10))).join('  ');
}
