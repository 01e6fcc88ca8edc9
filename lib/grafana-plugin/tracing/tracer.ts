import type { Attributes, Span, Tracer } from '@opentelemetry/api';
import { activeTracer } from './active.ts';
import { recordError } from './record-error.ts';

/** May be taken and kept before tracing has started: looks each time. */
const delegating: Tracer = {
  startSpan: (...args) => activeTracer().startSpan(...args),
  // The compiler sees only the last of its three overloads.
  startActiveSpan: ((...args: Parameters<Tracer['startActiveSpan']>) =>
    activeTracer().startActiveSpan(...args)) as Tracer['startActiveSpan'],
};

/** For spans of the plugin's own, by OpenTelemetry's API. While tracing is off they are nothing and cost nothing. */
export function tracer(): Tracer {
  return delegating;
}

/**
 * Runs something in a span of its own, a child of the one that is active. The span ends when `run` is done; if it
 * throws, the span says so and the error goes on.
 * @example await withSpan('parse answer', { 'answer.bytes': body.length }, () => parse(body));
 */
export function withSpan<T>(name: string, run: (span: Span) => T | Promise<T>): Promise<T>;
export function withSpan<T>(
  name: string,
  attributes: Attributes,
  run: (span: Span) => T | Promise<T>,
): Promise<T>;
export function withSpan<T>(
  name: string,
  ...rest:
    | [run: (span: Span) => T | Promise<T>]
    | [attributes: Attributes, run: (span: Span) => T | Promise<T>]
): Promise<T> {
  const [attributes, run] = rest.length === 1 ? [{}, rest[0]] : rest;
  return activeTracer().startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await run(span);
    } catch (error) {
      recordError(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}
