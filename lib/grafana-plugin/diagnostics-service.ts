import type { MessageInitShape } from '@bufbuild/protobuf';
import { implement, RpcError, type Service } from '#lib/go-plugin';
import type { Health } from './datasource.ts';
import { messageOf, sourceOf } from './errors.ts';
import { observe } from './observe.ts';
import * as pb from './proto/backend_pb.ts';
import { noSuchMethod, type Runtime } from './runtime.ts';
import { forwardedScope } from './scope-of.ts';

const encoder = new TextEncoder();
const HealthStatus = pb.CheckHealthResponse_HealthStatus;
const statuses = { ok: HealthStatus.OK, error: HealthStatus.ERROR, unknown: HealthStatus.UNKNOWN } as const;

export function diagnosticsService(runtime: Runtime): Service {
  return implement(pb.Diagnostics, {
    checkHealth: (message, call) =>
      observe(runtime, forwardedScope('checkHealth', call, message, runtime), async (request, outcome) => {
        try {
          const instance = await runtime.instance(request.context);
          if (instance.checkHealth === undefined) throw noSuchMethod('checkHealth');
          return response(await instance.checkHealth(request));
        } catch (error) {
          if (error instanceof RpcError) throw error;
          // An error of the call would reach the user as "plugin health check failed" and no more.
          outcome.status = 'error';
          outcome.source = sourceOf(error);
          request.log.error('Health check failed', { error });
          return response({ status: 'error', message: messageOf(error) });
        }
      }),

    // Asked by whoever scrapes Grafana, every few seconds: neither counted nor logged, as in Grafana's own SDK.
    collectMetrics: async () => ({
      metrics: { prometheus: encoder.encode(await runtime.metrics.text()) },
    }),
  });
}

function response({
  status,
  message,
  details,
}: Health): MessageInitShape<typeof pb.CheckHealthResponseSchema> {
  return {
    status: statuses[status],
    message,
    // Grafana answers 500 where it is JSON, and no object.
    jsonDetails: details === undefined ? new Uint8Array() : encoder.encode(JSON.stringify({ ...details })),
  };
}
