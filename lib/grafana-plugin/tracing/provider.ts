import { type Attributes, context, DiagLogLevel, diag, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, ParentBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { activate } from './active.ts';
import { OtlpExporter } from './otlp-exporter.ts';
import { propagatorFor } from './propagators.ts';
import { rootSampler } from './samplers.ts';
import type { TracingSettings } from './settings.ts';
import { spansOf } from './spans.ts';
import type { Tracing } from './tracing.ts';

/** The host kills a plugin 2 s after it told it to stop, and other things have to end in that time too. */
const shutdownMs = 1_000;

export interface ProviderOptions {
  readonly settings: TracingSettings;
  readonly pluginId: string;
  readonly pluginVersion: string;
  readonly attributes: Attributes;
  readonly warn: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Everything that takes OpenTelemetry's SDK: nothing of it is loaded in a process without tracing. */
export function startProvider({
  settings,
  pluginId,
  pluginVersion,
  attributes,
  warn,
}: ProviderOptions): Tracing {
  const exporter = new OtlpExporter({ address: settings.address, warn });
  const sampler = rootSampler(settings.sampler, { serviceName: pluginId, warn });
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.name': pluginId,
        'service.version': pluginVersion,
        'process.runtime.description': `Node.js ${process.version} ${process.platform}/${process.arch}`,
        ...attributes,
      }),
    ),
    sampler: new ParentBasedSampler({ root: sampler.sampler }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const active = {
    tracer: provider.getTracer(pluginId, pluginVersion),
    propagator: propagatorFor(settings.propagation),
  };
  activate(active);
  const release = registerGlobally(provider, active.propagator, warn);
  return {
    ...spansOf(active),
    async shutdown() {
      sampler.stop();
      activate(undefined);
      release();
      await bounded(provider.shutdown());
      exporter.close();
    },
  };
}

/** For what the author uses that is instrumented with OpenTelemetry's API; the library itself asks no global. */
function registerGlobally(
  provider: TracerProvider,
  propagator: Parameters<typeof propagation.setGlobalPropagator>[0],
  warn: ProviderOptions['warn'],
): () => void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  propagation.setGlobalPropagator(propagator);
  // What the SDK has to say, as of spans that it dropped because they came too fast. Of failed exports the exporter
  // itself tells.
  const silent = () => {};
  diag.setLogger(
    {
      error: silent,
      warn: (message) => warn(`tracing: ${message}`, {}),
      info: silent,
      debug: silent,
      verbose: silent,
    },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  return () => {
    trace.disable();
    context.disable();
    propagation.disable();
    diag.disable();
  };
}

async function bounded(work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, shutdownMs);
  try {
    // It has failed, and the exporter told of it: there is nothing more to do about it at the end.
    await Promise.race([work.catch(() => {}), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
