import {
  type Context,
  createContextKey,
  isSpanContextValid,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  TraceFlags,
  trace,
} from '@opentelemetry/api';

const header = 'uber-trace-id';
/** Set by hand by who debugs; kept, so that the processes behind this one know of it too. */
const debugKey = createContextKey('jaeger debug flag');

/**
 * Jaeger's own format: `{trace id}:{span id}:{parent's span id}:{flags}` in hexadecimal, leading zeros optional.
 *
 * Ours, because @opentelemetry/propagator-jaeger does not admit the version of @opentelemetry/api in use here.
 * @see https://www.jaegertracing.io/docs/1.57/client-libraries/#propagation-format
 */
export class JaegerPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context);
    if (span === undefined || !isSpanContextValid(span)) return;
    const sampled = (span.traceFlags & TraceFlags.SAMPLED) !== 0;
    const flags = !sampled ? 0 : context.getValue(debugKey) === true ? 3 : 1;
    // The third part has been without a meaning for long; 0 is what others write.
    setter.set(carrier, header, `${span.traceId}:${span.spanId}:0:${flags}`);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const value = getter.get(carrier, header);
    const found = parseUberTraceId(typeof value === 'string' ? value : value?.[0]);
    if (found === undefined) return context;
    const { debug, ...span } = found;
    const extracted = trace.setSpanContext(context, { ...span, isRemote: true });
    return debug ? extracted.setValue(debugKey, true) : extracted;
  }

  fields(): string[] {
    return [header];
  }
}

/** @returns undefined for what is no such header */
export function parseUberTraceId(value = ''): (SpanContext & { readonly debug: boolean }) | undefined {
  // Some senders encode the colons.
  const parts = value.replaceAll(/%3a/gi, ':').split(':');
  if (parts.length !== 4) return undefined;
  const [traceId = '', spanId = '', , flagsText = ''] = parts;
  if (!/^[\da-f]{1,32}$/i.test(traceId) || !/^[\da-f]{1,16}$/i.test(spanId)) return undefined;
  if (!/^[\da-f]{0,2}$/i.test(flagsText)) return undefined;
  const flags = Number.parseInt(flagsText || '0', 16);
  const span = {
    traceId: traceId.toLowerCase().padStart(32, '0'),
    spanId: spanId.toLowerCase().padStart(16, '0'),
    traceFlags: (flags & 1) === 0 ? TraceFlags.NONE : TraceFlags.SAMPLED,
  };
  return isSpanContextValid(span) ? { ...span, debug: (flags & 3) === 3 } : undefined;
}
