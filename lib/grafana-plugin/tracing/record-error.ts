import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { DatasourceError } from '../errors.ts';

/**
 * An `exception` event and the status ERROR. The message goes along only of errors that are made to be read in Grafana:
 * others may quote whatever they stumbled over, secrets too, and traces leave the machine. Grafana's log has them.
 */
export function recordError(span: Span, error: unknown): void {
  const type = typeOf(error);
  const message = meantMessage(error);
  const stack = error instanceof Error ? framesOf(error) : '';
  span.addEvent('exception', {
    'exception.type': type,
    ...(message !== undefined && { 'exception.message': message }),
    ...(stack !== '' && { 'exception.stacktrace': stack }),
  });
  span.setStatus({ code: SpanStatusCode.ERROR, message: message ?? type });
}

/** What an error says, if it was made to be read by others. */
export function meantMessage(error: unknown): string | undefined {
  if (error instanceof DatasourceError) return error.message;
  // By name: the class is a value of lib/go-plugin, which is not needed here otherwise.
  return error instanceof Error && error.name === 'RpcError' ? error.message : undefined;
}

/** `TypeError`, or with its code `Error ECONNREFUSED`. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = 'code' in error ? String(error.code) : '';
  // Anybody may put anything there; what is no plain word stays out.
  return [error.name, code].filter((word) => /^\w{1,64}$/.test(word)).join(' ') || 'Error';
}

/** The stack below the message that it begins with. */
function framesOf({ stack = '', message }: Error): string {
  const start = stack.indexOf(message);
  if (start < 0) return '';
  const lines = stack.slice(start + message.length).split('\n');
  return lines.filter((line) => /^ {4}at /.test(line)).join('\n');
}
