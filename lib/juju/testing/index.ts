export { applyChanges, applyTracking, noChanges } from './apply-changes.ts';
export { applyPortChanges } from './apply-port-changes.ts';
export type { Effects } from './effects.ts';
export { MemoryHookTools } from './memory-hook-tools.ts';
export { type Charm, type HookOutcome, runHook } from './run-hook.ts';
export { type RelationDraft, relation, type StateDraft, state } from './scenario.ts';
export { checkContent, sameContent } from './secret-content.ts';
export type {
  ActionOutcome,
  Changes,
  RelationState,
  SecretChange,
  SecretState,
  SecretTracking,
  UnitState,
} from './state.ts';
