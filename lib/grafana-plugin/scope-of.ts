import type { Call } from '#lib/go-plugin';
import type { Endpoint } from './endpoint.ts';
import { forwardedHeaders, requestHeaders } from './http/forwarded-headers.ts';
import { type PluginContext, pluginContextFrom } from './plugin-context.ts';
import type * as pb from './proto/backend_pb.ts';
import type { Runtime } from './runtime.ts';
import type { Scope } from './scope.ts';

interface Message {
  readonly pluginContext?: pb.PluginContext | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Of a call that brings the user's headers in Grafana's own form. */
export function forwardedScope(
  endpoint: Endpoint,
  call: Call,
  { pluginContext, headers = {} }: Message,
  { tracing }: Pick<Runtime, 'tracing'>,
): Scope {
  return new CallScope(endpoint, call, pluginContext, tracing, () => forwardedHeaders(headers));
}

/** Of a call that brings headers as HTTP has them. */
export function resourceScope(
  call: Call,
  { pluginContext, headers }: pb.CallResourceRequest,
  { tracing }: Pick<Runtime, 'tracing'>,
): Scope {
  return new CallScope('callResource', call, pluginContext, tracing, () => requestHeaders(headers));
}

/** Read as it is asked for: most calls look at little of it. */
class CallScope implements Scope {
  readonly endpoint: Endpoint;
  readonly call: Call;
  readonly context: PluginContext;
  readonly tracing: Scope['tracing'];
  readonly #readHeaders: () => Headers;
  #headers: Headers | undefined;

  constructor(
    endpoint: Endpoint,
    call: Call,
    context: pb.PluginContext | undefined,
    tracing: Scope['tracing'],
    readHeaders: () => Headers,
  ) {
    this.endpoint = endpoint;
    this.call = call;
    this.context = pluginContextFrom(context);
    this.tracing = tracing;
    this.#readHeaders = readHeaders;
  }

  get headers(): Headers {
    this.#headers ??= this.#readHeaders();
    return this.#headers;
  }
}
