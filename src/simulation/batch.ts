import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** What one worker is to do: the seeds `first`, `first + every` and so on, below `first + worlds`. */
export interface BatchJob {
  /** Of the charm. */
  readonly folder: string;
  readonly first: number;
  readonly worlds: number;
  readonly every: number;
}

/** How one world came out. */
export interface WorldReport {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly hooks: number;
  readonly troubles: ReadonlyMap<string, number>;
}

/** How many worlds came out how. */
export interface BatchResult {
  readonly worlds: number;
  readonly hooks: number;
  /** What went wrong on purpose, by kind. */
  readonly troubles: ReadonlyMap<string, number>;
  /** Those that failed, in the order of their seeds. */
  readonly failures: readonly WorldReport[];
}

/**
 * Simulates one world for each seed from `first` on, on all cores.
 * @param folder - of the charm
 * @param onReport - told of each world as it ends
 * @throws what ends a worker: a bug of the simulation, which ends the others as well
 */
export async function simulateAll(
  { folder, first, worlds }: Omit<BatchJob, 'every'>,
  onReport: (report: WorldReport) => void = () => {},
): Promise<BatchResult> {
  const threads = Math.min(availableParallelism(), worlds);
  let hooks = 0;
  let done = 0;
  const troubles = new Map<string, number>();
  const failures: WorldReport[] = [];
  const take = (report: WorldReport) => {
    done += 1;
    hooks += report.hooks;
    for (const [kind, count] of report.troubles) troubles.set(kind, (troubles.get(kind) ?? 0) + count);
    if (report.problems.length > 0) failures.push(report);
    onReport(report);
  };
  const workers = Array.from({ length: threads }, (_, n) => {
    const job: BatchJob = { folder, first: first + n, worlds: worlds - n, every: threads };
    return new Worker(new URL('batch-worker.ts', import.meta.url), { workerData: job });
  });
  try {
    await Promise.all(workers.map((worker) => ended(worker, take)));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  if (done !== worlds) throw new Error(`${done} worlds came out of the simulation, and not ${worlds}`);
  const sorted = [...troubles].toSorted(([a], [b]) => (a < b ? -1 : 1));
  failures.sort((a, b) => a.seed - b.seed);
  return { worlds: done, hooks, troubles: new Map(sorted), failures };
}

function ended(worker: Worker, take: (report: WorldReport) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('message', take);
    worker.once('error', reject);
    worker.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a worker of the simulation ended with ${code}`));
    });
  });
}
