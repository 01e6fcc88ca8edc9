import { AsyncLocalStorage } from 'node:async_hooks';
import type { Call } from '#lib/go-plugin';
import type { Endpoint } from './endpoint.ts';
import type { PluginContext } from './plugin-context.ts';
import type { Tracing } from './tracing/tracing.ts';

/** The call that Grafana made and on whose behalf code runs. */
export interface Scope {
  readonly endpoint: Endpoint;
  readonly call: Call;
  readonly context: PluginContext;
  /** What Grafana forwards of the browser's request; for resources, the request's own headers. */
  readonly headers: Headers;
  /** Undefined where Grafana asked for no traces. */
  readonly tracing: Tracing | undefined;
}

const scopes = new AsyncLocalStorage<Scope>();

/** @returns undefined outside of any call: at start, in a timer of the plugin's own */
export function currentScope(): Scope | undefined {
  return scopes.getStore();
}

/**
 * Runs what outlives the call that asks for it first, and serves others: an instance, with the timers and connections
 * that it opens. What Grafana says of the datasource holds for it; but it is not cancelled with that call, and has
 * nothing of the headers of that call's user.
 */
export function beyondCall<T>(run: () => T): T {
  const scope = currentScope();
  if (scope === undefined) return run();
  const { service, method, kind, metadata } = scope.call;
  const signal = new AbortController().signal;
  const call = { service, method, kind, metadata, signal, deadline: undefined };
  const { endpoint, context, tracing } = scope;
  return scopes.run({ endpoint, call, context, headers: new Headers(), tracing }, run);
}

export function inScope<T>(scope: Scope, run: () => T): T {
  return scopes.run(scope, run);
}
