export { hookTools } from './agent-hook-tools.ts';
export {
  type DatabagIssue,
  type Decoded,
  databagDiff,
  decodeDatabag,
  encodeDatabag,
  json,
  jsonUpTo,
  stableJson,
} from './databag.ts';
export { type HookContext, HookEnvironmentError, parseHookContext } from './environment.ts';
export { HookToolError, type HookToolErrorCode, isHookToolError } from './errors.ts';
export { toolError } from './errors-from-tool.ts';
export type { HookEvent } from './events.ts';
export type {
  ActionValue,
  ApplicationStatus,
  CloudCredential,
  Config,
  Databag,
  DatabagChanges,
  GoalState,
  GoalStateEntry,
  HookTools,
  LogLevel,
  Network,
  NetworkAddress,
  Port,
  RelationMember,
  SecretContent,
  SecretInfo,
  SecretMetadata,
  SecretReference,
  SecretRotation,
  SettableStatus,
  Status,
  StatusName,
  StorageInfo,
} from './hook-tools.ts';
export { lazily } from './lazily.ts';
export { comparePorts, formatPort, parsePort } from './ports.ts';
export { type HookToolOptions, processHookTools } from './process-hook-tools.ts';
export { secretIdOf } from './secret-uri.ts';
export { worstStatus } from './status.ts';
export {
  compareUnitNames,
  isUnitName,
  parseUnitName,
  toUnitName,
  type UnitName,
  type UnitNameParts,
} from './unit-name.ts';
export { toYamlSafeJson } from './yaml-safe-json.ts';
