import type { TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { JaegerPropagator } from './jaeger-propagator.ts';
import type { Propagation } from './settings.ts';

/** With several, all are written; of what comes in, the last that is there counts. */
export function propagatorFor(formats: readonly Propagation[]): TextMapPropagator {
  const propagators = formats.flatMap((format): TextMapPropagator[] =>
    format === 'jaeger'
      ? [new JaegerPropagator()]
      : [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
  );
  return new CompositePropagator({ propagators });
}
