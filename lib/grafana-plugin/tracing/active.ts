import { type TextMapPropagator, type Tracer, trace } from '@opentelemetry/api';

/** What there is while spans are recorded. */
export interface ActiveTracing {
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
}

let active: ActiveTracing | undefined;

export function activeTracing(): ActiveTracing | undefined {
  return active;
}

/** One per process, like the context that spans are found by. */
export function activate(tracing: ActiveTracing | undefined): void {
  active = tracing;
}

/** The plugin's; where tracing is off, one that makes nothing, or that of whoever else records in this process. */
export function activeTracer(): Tracer {
  return active?.tracer ?? trace.getTracer('grafana-plugin');
}
