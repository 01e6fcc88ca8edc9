import { type Span, type SpanOptions, SpanStatusCode, trace } from '@opentelemetry/api';

/**
 * Runs `work` in a span of its own, a child of the one that is active, and costs next to nothing while nobody records.
 * When `work` throws, the span says so and the error goes on.
 */
export function traced<T>(
  name: string,
  work: (span: Span) => T | Promise<T>,
  options: SpanOptions = {},
): Promise<T> {
  return trace.getTracer('crosslink').startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      recordFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/**
 * What a span tells of an error: what kind it is and where it came from, never its message. Messages quote what could
 * not be read, which may be a secret, and traces leave the machine. Juju's log has the message.
 */
export function recordFailure(span: Span, error: unknown): void {
  const kind = kindOf(error);
  const frames = error instanceof Error ? framesOf(error) : '';
  span.setStatus({ code: SpanStatusCode.ERROR, message: kind });
  span.setAttribute('error.type', kind);
  span.addEvent('exception', {
    'exception.type': kind,
    ...(frames !== '' && { 'exception.stacktrace': frames }),
  });
}

/** `TypeError`; with the code where our own errors and those of Node have one: `HookToolError PERMISSION_DENIED`. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no Error';
  const { name } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // Anybody may put anything into them; what is no plain word stays out.
  return [name, code].filter((word) => /^\w{1,100}$/.test(word)).join(' ') || 'Error';
}

/** The stack without the message that it begins with. */
function framesOf({ stack = '', message }: Error): string {
  const start = stack.indexOf(message);
  if (start < 0) return '';
  return stack
    .slice(start + message.length)
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .join('\n');
}
