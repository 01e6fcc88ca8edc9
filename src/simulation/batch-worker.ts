import { parentPort, workerData } from 'node:worker_threads';
import type { BatchJob, WorldReport } from './batch.ts';
import { loadCharm } from './load-charm.ts';
import { judge, planOf } from './seeds.ts';

// Started by batch.ts alone, in a thread of its own: takes every so-manieth seed, and tells of each world.
const { folder, first, worlds, every } = workerData as BatchJob;
const charm = await loadCharm(folder);
for (let seed = first; seed < first + worlds; seed += every) {
  const { problems, hooks, troubles } = await judge(planOf(seed), charm);
  const report: WorldReport = { seed, problems, hooks, troubles };
  parentPort?.postMessage(report);
}
