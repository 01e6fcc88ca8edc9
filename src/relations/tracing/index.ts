/**
 * The interface `tracing`, version 2, both sides. The *requirer* sends traces, the *provider* is the backend (Tempo,
 * or a collector). All of it is in application databags; the bytes are those that the Python library writes.
 * @see canonical/charm-relation-interfaces: interfaces/tracing/v2
 * @see canonical/tempo-operators: coordinator/lib/charms/tempo_coordinator_k8s/v0/tracing.py
 */
export { readTracingRequest, tracingAnswerDatabag } from './provider.ts';
export { readTracingAnswer, requestDatabag, type TracingAnswer } from './requirer.ts';
export { otlpHttp, type Receiver } from './schema.ts';
