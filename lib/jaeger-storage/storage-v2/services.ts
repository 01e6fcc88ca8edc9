import { implement, type Service } from '#lib/go-plugin';
import { filterCapabilities } from '../filter/capabilities.ts';
import { Capabilities } from '../proto/capabilities_pb.ts';
import { DependencyReader } from '../proto/dependency_storage_pb.ts';
import { timeRange } from '../server/query.ts';
import { type Backend, backendOf, type ServiceOptions } from '../server/service-options.ts';
import { traceReader } from './trace-reader.ts';
import { traceService } from './trace-service.ts';

/** jaeger.storage.v2 with OTLP's TraceService, through which its clients write: what Jaeger from 2.6 on speaks. */
export function storageV2Services(options: ServiceOptions): readonly Service[] {
  const backend = backendOf(options);
  return [traceReader(backend), dependencyReader(backend), capabilities(), traceService(backend)];
}

function dependencyReader({ traces, context }: Backend): Service {
  return implement(DependencyReader, {
    async getDependencies({ startTime, endTime }, call) {
      const links = await traces.dependencies(timeRange(startTime, endTime), context(call));
      return { dependencies: links.map(({ parent, child, callCount }) => ({ parent, child, callCount })) };
    },
  });
}

/** What every store does that keeps TraceStore's contract. */
function capabilities(): Service {
  const search = {
    withoutServiceName: true,
    sameSpanConjunction: true,
    filter: { levels: [...filterCapabilities.levels], operators: [...filterCapabilities.operators] },
  };
  return implement(Capabilities, { getCapabilities: () => ({ search }) });
}
