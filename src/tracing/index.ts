/**
 * Traces of what a process does: spans through `@opentelemetry/api`, which do nothing until somebody records, and a
 * recorder that sends one trace over OTLP, or keeps it on disk. Knows nothing of Juju.
 */
export { forgetTraces } from './forget.ts';
export { leave } from './leave.ts';
export { recordTrace, type TraceReport } from './record-trace.ts';
export type { TraceOptions } from './trace-options.ts';
export { recordFailure, traced } from './traced.ts';
