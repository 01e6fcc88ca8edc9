import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Call } from '#lib/go-plugin';
import { isCancelled, sourceOf } from '../errors.ts';
import type { PluginContext } from '../plugin-context.ts';
import { currentScope } from '../scope.ts';
import type { ActiveTracing } from './active.ts';
import { metadataGetter } from './incoming.ts';
import { meantMessage, recordError } from './record-error.ts';
import type { Tracing } from './tracing.ts';

/** gRPC's codes by number. */
const codes = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;
type Code = (typeof codes)[number];

/** Those that tell of a fault of the server; the rest are answers that callers may get from a sound one. */
const faults: ReadonlySet<Code> = new Set([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

export function spansOf({ tracer, propagator }: ActiveTracing): Omit<Tracing, 'shutdown'> {
  return {
    async interceptor(call, run) {
      if (isPlumbing(call.service)) return run();
      const parent = propagator.extract(ROOT_CONTEXT, call.metadata, metadataGetter);
      const name = `${call.service}/${call.method}`;
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes: rpcAttributes(call) }, parent);
      try {
        await context.with(trace.setSpan(parent, span), run);
        setRpcStatus(span, 'OK');
      } catch (error) {
        const code = codeOf(error);
        setRpcStatus(span, code);
        if (faults.has(code))
          span.setStatus({ code: SpanStatusCode.ERROR, message: meantMessage(error) ?? code });
        throw error;
      } finally {
        span.end();
      }
    },

    endpoint(endpoint, pluginContext, run) {
      return tracer.startActiveSpan(
        `sdk.${endpoint}`,
        { attributes: endpointAttributes(pluginContext) },
        async (span) => {
          try {
            return await run(span);
          } catch (error) {
            recordOutcome(span, error);
            throw error;
          } finally {
            span.end();
          }
        },
      );
    },

    query({ refId, queryType }, run) {
      const attributes = { ref_id: refId, ...(queryType !== '' && { query_type: queryType }) };
      return tracer.startActiveSpan('sdk.query', { attributes }, async (span) => {
        try {
          return await run();
        } catch (error) {
          if (!isCancelled(error)) recordError(span, error);
          throw error;
        } finally {
          span.end();
        }
      });
    },
  };
}

function isPlumbing(service: string): boolean {
  return service.startsWith('plugin.') || service.startsWith('grpc.');
}

/** Today's conventions, and two attributes of the former ones, which dashboards made with Go plugins look for. */
function rpcAttributes({ service, method }: Call): Attributes {
  return {
    'rpc.system.name': 'grpc',
    'rpc.method': `${service}/${method}`,
    'rpc.system': 'grpc',
    'rpc.service': service,
  };
}

function setRpcStatus(span: Span, code: Code): void {
  span.setAttributes({ 'rpc.response.status_code': code, 'rpc.grpc.status_code': codes.indexOf(code) });
}

/** As the client is told it: what a method throws that is no RpcError is UNKNOWN. */
function codeOf(error: unknown): Code {
  const said =
    error instanceof Error && error.name === 'RpcError' && 'code' in error ? error.code : undefined;
  return codes.find((code) => code === said && code !== 'OK') ?? 'UNKNOWN';
}

function endpointAttributes(pluginContext: PluginContext): Attributes {
  const { orgId, pluginId, user, datasource } = pluginContext;
  const tenantId = currentScope()?.call.metadata.get('tenantid');
  return {
    plugin_id: pluginId,
    org_id: orgId,
    request_status: 'ok',
    status_source: 'plugin',
    ...(datasource && { datasource_name: datasource.name, datasource_uid: datasource.uid }),
    ...(user && { user: user.name }),
    ...(tenantId && { tenant_id: tenantId }),
  };
}

function recordOutcome(span: Span, error: unknown): void {
  const cancelled = isCancelled(error);
  span.setAttributes({
    request_status: cancelled ? 'cancelled' : 'error',
    status_source: cancelled ? 'downstream' : sourceOf(error),
  });
  if (!cancelled) recordError(span, error);
}
