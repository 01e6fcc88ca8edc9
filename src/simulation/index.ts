export { type BatchResult, simulateAll, type WorldReport } from './batch.ts';
export type { HookInput, SimulatedCharm } from './charms.ts';
export { loadCharm } from './load-charm.ts';
export type { Plan, Trouble } from './plan.ts';
export { planText } from './plan-text.ts';
export { judge, planOf } from './seeds.ts';
export { type Failure, shrink } from './shrink.ts';
export { type Outcome, simulate } from './simulate.ts';
