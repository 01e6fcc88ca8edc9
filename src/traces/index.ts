/** Traces kept on this machine: taken, served to Jaeger, and looked at in a terminal. */
export { splitAddress } from './address.ts';
export { backupTraces } from './backup.ts';
export { type Found, findTrace, findTraces, recentTraces, type Wanted } from './find.ts';
export { defaultTracesFolder } from './folder.ts';
export { type KeptTraces, keepTraces } from './keep.ts';
export { type OpenTraces, openTraces, type TraceReader } from './open-traces.ts';
export { type ServeOptions, serveTraces, type TraceCounts, type TraceServing } from './serve.ts';
export { isStartedByJaeger, leastBytes, sidecar } from './sidecar.ts';
export { extentOf, summaryOf, type TraceSummary } from './summary.ts';
export { readTraces, type Span, type SpanEvent, type Trace } from './trace.ts';
export { flattened, type SpanNode, treeOf } from './tree.ts';
export { durationText, parseDuration, parseSize, sizeText } from './units.ts';
