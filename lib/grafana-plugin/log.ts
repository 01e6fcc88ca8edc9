import type { Call, LogFields, Logger } from '#lib/go-plugin';
import { currentScope, type Scope } from './scope.ts';
import { traceIdOf } from './tracing/incoming.ts';

/**
 * A log that says with each line on whose behalf it was written, wherever it is called from.
 * @see grafana/grafana-plugin-sdk-go: backend/log.go (the fields)
 */
export function contextualLogger(base: Logger): Logger {
  return new ContextualLogger(base);
}

class ContextualLogger implements Logger {
  readonly #base: Logger;

  constructor(base: Logger) {
    this.#base = base;
  }

  get level(): Logger['level'] {
    return this.#base.level;
  }

  trace(message: string, fields?: LogFields): void {
    if (this.level === 'trace') this.#base.trace(message, withScope(fields));
  }

  debug(message: string, fields?: LogFields): void {
    if (this.level === 'trace' || this.level === 'debug') this.#base.debug(message, withScope(fields));
  }

  info(message: string, fields?: LogFields): void {
    this.#base.info(message, withScope(fields));
  }

  warn(message: string, fields?: LogFields): void {
    this.#base.warn(message, withScope(fields));
  }

  error(message: string, fields?: LogFields): void {
    this.#base.error(message, withScope(fields));
  }

  with(fields: LogFields): Logger {
    return new ContextualLogger(this.#base.with(fields));
  }
}

/** Said on every line of a call, so that it is put together once. */
const known = new WeakMap<Scope, LogFields>();

function withScope(fields: LogFields = {}): LogFields {
  const scope = currentScope();
  return scope === undefined ? fields : { ...fieldsOf(scope), ...fields };
}

function fieldsOf(scope: Scope): LogFields {
  const before = known.get(scope);
  if (before !== undefined) return before;
  const { context, endpoint, call } = scope;
  const traceId = traceIdOf(call);
  const { datasource, user } = context;
  const fields = {
    pluginId: context.pluginId,
    pluginVersion: context.pluginVersion,
    endpoint,
    ...(traceId === undefined ? {} : { traceId }),
    ...(datasource === undefined ? {} : { dsName: datasource.name, dsUid: datasource.uid }),
    ...(datasource === undefined || user === undefined ? {} : { uname: user.name }),
    ...hostFields(call),
  };
  known.set(scope, fields);
  return fields;
}

/** What the host wants to stand in the lines of this call: `name:::value`, one each. */
function hostFields(call: Call): LogFields {
  return Object.fromEntries(
    call.metadata.getAll('loggerparamsctxmetadata').flatMap((pair) => {
      const [name = '', value] = pair.split(/:::(.*)/s, 2);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
