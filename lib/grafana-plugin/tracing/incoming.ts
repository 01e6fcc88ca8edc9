import { context, type TextMapGetter, type TextMapSetter, trace } from '@opentelemetry/api';
import type { Call } from '#lib/go-plugin';
import { currentScope } from '../scope.ts';
import { activeTracing } from './active.ts';
import { parseUberTraceId } from './jaeger-propagator.ts';

type Metadata = Call['metadata'];

/** Headers, of gRPC and of HTTP alike, in which traces travel. */
const traceHeaders = ['traceparent', 'tracestate', 'baggage', 'uber-trace-id'] as const;

/** W3C admits as much for baggage, and little more than that for tracestate. Longer is not handed on. */
const longestHeader = 8192;

export const metadataGetter: TextMapGetter<Metadata> = {
  get(metadata, key) {
    const values = metadata.getAll(key);
    return values.length === 0 ? undefined : [...values];
  },
  keys: (metadata) => [...metadata.names()],
};

const headersSetter: TextMapSetter<Headers> = {
  set(headers, key, value) {
    // An empty state says nothing.
    if (value !== '') headers.set(key, value);
  },
};

/**
 * The id of the trace that a call belongs to, for who is within it: that of its spans, or, where none are recorded, what
 * Grafana says. Undefined where there is no trace.
 */
export function traceIdOf(call: Pick<Call, 'metadata'>): string | undefined {
  // Without a look at the context where nothing can be in it.
  const span = activeTracing() === undefined ? undefined : trace.getActiveSpan();
  return (
    span?.spanContext().traceId ??
    traceparentId(call.metadata.get('traceparent')) ??
    parseUberTraceId(call.metadata.get('uber-trace-id'))?.traceId
  );
}

/**
 * Writes the trace that runs here into the headers of a request, so that who answers it can go on with it. Where no
 * spans are recorded, the headers that Grafana's call came with are handed on as they are.
 */
export function injectTrace(headers: Headers): void {
  const active = activeTracing();
  if (active === undefined) passTrace(headers);
  else active.propagator.inject(context.active(), headers, headersSetter);
}

function passTrace(headers: Headers): void {
  const metadata = currentScope()?.call.metadata;
  if (metadata === undefined) return;
  const w3c = traceparentId(metadata.get('traceparent')) !== undefined;
  for (const name of traceHeaders) {
    const value = metadata.getAll(name).join(',');
    if (value === '' || value.length > longestHeader || headers.has(name)) continue;
    // A state without a valid parent means nothing.
    if ((name === 'traceparent' || name === 'tracestate') && !w3c) continue;
    if (name === 'uber-trace-id' && parseUberTraceId(value) === undefined) continue;
    if (/^[\x20-\x7e]+$/.test(value)) headers.set(name, value);
  }
}

/** @see https://www.w3.org/TR/trace-context/#traceparent-header: later versions may go on after the flags */
function traceparentId(value = ''): string | undefined {
  const match = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(-.*)?$/.exec(
    value,
  );
  if (match === null || (match[1] === '00' && match[3] !== undefined)) return undefined;
  return match[2];
}
