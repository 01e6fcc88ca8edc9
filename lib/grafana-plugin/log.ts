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

  get #here(): Logger {
    const scope = currentScope();
    return scope === undefined ? this.#base : this.#base.with(fieldsOf(scope));
  }

  trace(message: string, fields?: LogFields): void {
    if (this.level === 'trace') this.#here.trace(message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    if (this.level === 'trace' || this.level === 'debug') this.#here.debug(message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#here.info(message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#here.warn(message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#here.error(message, fields);
  }

  with(fields: LogFields): Logger {
    return new ContextualLogger(this.#base.with(fields));
  }
}

/** Said on every line of a call, so that it is put together once. */
const known = new WeakMap<Scope, LogFields>();

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
