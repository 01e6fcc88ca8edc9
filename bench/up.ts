/**
 * How long `crosslink up cos` takes to settle, and how much memory the runner needs.
 *
 *   npm run bench             five runs
 *   npm run bench -- 3 scale  three runs of another scenario
 *
 * Each run is a `./crosslink up SCENARIO --once` of its own, as a user starts it. Memory is the peak resident set of
 * the runner's process, without the short-lived hooks, read from the kernel while it runs.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setInterval } from 'node:timers';

const [runs = '5', scenario = 'cos'] = process.argv.slice(2);
const command = join(import.meta.dirname, '../crosslink');
const results: Run[] = [];

interface Run {
  readonly settleS: number;
  readonly peakMib: number;
  readonly hooks: number;
}

for (let i = 0; i < Number(runs); i += 1) {
  const run = await once();
  results.push(run);
  console.log(`run ${i + 1}: ${run.settleS.toFixed(1)} s, ${run.hooks} hooks, ${run.peakMib.toFixed(0)} MiB`);
}
const times = results.map(({ settleS }) => settleS).toSorted((a, b) => a - b);
const peaks = results.map(({ peakMib }) => peakMib).toSorted((a, b) => a - b);
console.log(
  `${scenario} on ${availableParallelism()} cores: ${median(times)} s (${times[0]?.toFixed(1)} to ${times.at(-1)?.toFixed(1)}), peak of the runner ${median(peaks)} MiB`,
);

function once(): Promise<Run> {
  const child = spawn(command, ['up', scenario, '--once'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  let peakKib = 0;
  // The script becomes Node by exec, so that the child's own entry is the runner's.
  const timer = setInterval(() => {
    peakKib = Math.max(peakKib, peakOf(child.pid));
  }, 50);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(timer);
      const found = /after (\d+) hooks.*, in ([\d.]+) s/.exec(stdout);
      if (code !== 0 || found === null) {
        reject(new Error(`crosslink up ${scenario} --once ended with ${code}:\n${stdout}`));
      } else {
        resolve({ hooks: Number(found[1]), settleS: Number(found[2]), peakMib: peakKib / 1024 });
      }
    });
  });
}

/** @returns the peak resident set in KiB; 0 once the process has ended */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function median(sorted: readonly number[]): string {
  return (sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(1);
}
