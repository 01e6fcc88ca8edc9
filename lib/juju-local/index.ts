export type { ActionResult } from './action-run.ts';
export type { Activity, ToolCalls } from './activity.ts';
export { type Charm, type OptionValue, readCharm } from './charm.ts';
export type { Clock } from './clock.ts';
export type { ConfigChanges } from './config.ts';
export type { SettleResult } from './engine.ts';
export { ModelError } from './errors.ts';
export type { CharmFunction } from './hook-function.ts';
export type { Failure } from './hook-outcome.ts';
export { type DeployOptions, LocalModel, type ModelOptions } from './model.ts';
export { randomFrom } from './random.ts';
export type { RetryPolicy } from './retry.ts';
export type {
  ApplicationSnapshot,
  ModelSnapshot,
  RelationEndSnapshot,
  RelationSnapshot,
  SecretSnapshot,
  UnitSnapshot,
} from './snapshot.ts';
export { type AgentSocketForm, agentSocketForms } from './unit-directory.ts';
