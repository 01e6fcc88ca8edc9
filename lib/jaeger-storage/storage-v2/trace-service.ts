import { implement, type Service } from '#lib/go-plugin';
import { TraceService } from '../proto/otlp_trace_service_pb.ts';
import type { Backend } from '../server/service-options.ts';

/** OTLP's way in. The request's bytes are what is stored: they are TracesData as they come. */
export function traceService({ traces, log, context }: Backend): Service {
  return implement(
    TraceService,
    {
      async export(bytes, call) {
        const inContext = context(call);
        const { rejected, reason = 'no reason is known' } = await traces.write(
          { format: 'otlp', bytes },
          inContext,
        );
        if (rejected === 0) return {};
        // Jaeger does not look at what the answer says of it.
        log.warn('spans were rejected', { rejected, reason, tenant: inContext.tenant });
        return { partialSuccess: { rejectedSpans: BigInt(rejected), errorMessage: reason } };
      },
    },
    { encodedRequests: ['export'] },
  );
}
