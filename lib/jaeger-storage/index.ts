export { type RemoteTraces, type RemoteTracesOptions, remoteTraces } from './client/remote-traces.ts';
export { toJaeger } from './convert/to-jaeger.ts';
export { toOtlp } from './convert/to-otlp.ts';
export { TraceStoreError, type TraceStoreErrorCode } from './errors.ts';
export type { Condition } from './filter/condition.ts';
export { type MemoryStoreOptions, memoryStore } from './memory/memory-store.ts';
export { type OtlpHttpOptions, type OtlpHttpServer, otlpHttp } from './otlp/otlp-http.ts';
export type { Tenancy } from './otlp/tenant.ts';
export { SpanSchema } from './proto/otlp_trace_pb.ts';
export { type SidecarOptions, type SidecarStores, serveSidecar } from './server/sidecar.ts';
export {
  type RunningTraceStorage,
  serveTraceStorage,
  type TraceStorageOptions,
} from './server/trace-storage.ts';
export { matches } from './spans/matches.ts';
export { readSpans } from './spans/read-spans.ts';
export { spanTerms } from './spans/searchable.ts';
export type {
  AttributeLevel,
  AttributeValue,
  ResourceRecord,
  ScopeRecord,
  SearchableAttribute,
  SpanRecord,
} from './spans/span-record.ts';
export { valueTexts } from './spans/value-text.ts';
export { encodeTrace, type StoredSpan, splitBySize } from './spans/write-spans.ts';
export { copyDatabase } from './sqlite/backup.ts';
export { openSqliteStore } from './sqlite/open-store.ts';
export type { Retention } from './sqlite/settings.ts';
export type { SqliteStore, SqliteStoreOptions, StoreCounts } from './sqlite/sqlite-store.ts';
export { storageV1Services } from './storage-v1/services.ts';
export type { NoKind } from './storage-v1/span-readers.ts';
export { storageV2Services } from './storage-v2/services.ts';
export type {
  Attribute,
  DependencyLink,
  EncodedSpans,
  FoundTrace,
  Operation,
  OperationQuery,
  RequestContext,
  SpanFormat,
  SpanKind,
  TimeRange,
  TracePart,
  TraceQuery,
  TraceReference,
  TraceStore,
  WriteResult,
} from './trace-store.ts';
