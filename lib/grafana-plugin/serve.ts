import { setTimeout } from 'node:timers/promises';
import type { Attributes } from '@opentelemetry/api';
import { createLogger, type Interceptor, type Logger, RpcError, type Service, serve } from '#lib/go-plugin';
import { type AdmissionHandlers, admissionServices } from './admission.ts';
import { type BuildInfo, buildInfo } from './build-info.ts';
import { dataService } from './data-service.ts';
import type { CreateApp, CreateDatasource } from './datasource.ts';
import { diagnosticsService } from './diagnostics-service.ts';
import { cookie, protocolVersion } from './handshake.ts';
import { appMaker, datasourceMaker, type InstanceMaker, PluginInstances } from './instance-of.ts';
import { contextualLogger } from './log.ts';
import { PluginMetrics } from './metrics.ts';
import { resourceService } from './resource-service.ts';
import type { Runtime } from './runtime.ts';
import type { Schema } from './schema.ts';
import { startStandalone } from './standalone.ts';
import { streamService } from './stream-service.ts';
import { tracingRequested } from './tracing/settings.ts';
import type { Tracing } from './tracing/tracing.ts';

export interface PluginOptions<JsonData> extends AdmissionHandlers {
  /** As in plugin.json. */
  readonly id: string;
  /** Reads `jsonData`; what it refuses is shown to whoever has set the datasource up. */
  readonly settings?: Schema<JsonData>;
  /** Said of every span that the plugin exports. */
  readonly tracingAttributes?: Attributes;
  /** Bytes of one request of Grafana's; 16 MiB by default. */
  readonly maxReceiveMessageBytes?: number;
}

export interface DatasourceOptions<JsonData = unknown> extends PluginOptions<JsonData> {
  /**
   * Called for each datasource of this type that somebody has set up, at its first call, and again when its settings
   * change. What it throws is shown where the answer would be. It is not cancelled with that call, as others may wait
   * for the instance by then, and has nothing of the headers of that call's user.
   */
  readonly create: CreateDatasource<JsonData>;
}

export interface AppOptions<JsonData = unknown> extends PluginOptions<JsonData> {
  /** As a datasource's, for each organisation in which the app is enabled. */
  readonly create: CreateApp<JsonData>;
}

/** Of the 1.5 s that a plugin has at its end, of which traces take up to one. */
const disposeMs = 400;

/**
 * Serves a datasource to the Grafana that has started this process, for as long as that wants it. The last thing that
 * a plugin's main file calls.
 */
export async function serveDatasource<JsonData = unknown>(
  options: DatasourceOptions<JsonData>,
): Promise<void> {
  await servePlugin(options, (log) => datasourceMaker(options, log));
}

/** As {@link serveDatasource}, for the backend of an app plugin. */
export async function serveApp<JsonData = unknown>(options: AppOptions<JsonData>): Promise<void> {
  await servePlugin(options, (log) => appMaker(options, log));
}

async function servePlugin<JsonData>(
  options: PluginOptions<JsonData>,
  makerWith: (log: Logger) => InstanceMaker,
): Promise<void> {
  const { env, argv } = process;
  const info = buildInfo(options.id, env);
  if (saysOnly(info, argv.slice(2))) return;

  const log = createLogger();
  if (info.id !== options.id) {
    log.warn(
      `plugin.json says that this plugin is ${info.id}, and its code that it is ${options.id}: make them the same, since ` +
        "Grafana goes by the first, and traces and a debugger's notes by the second",
    );
  }
  let tracing: Tracing | undefined;
  try {
    tracing = await startedTracing(options, info, log);
  } catch (error) {
    // As a line of the log: of a raw stack hosts make debug output, which nobody has on.
    log.error('the plugin cannot start', { error });
    process.exit(1);
  }
  const { services, metrics, ...rest } = pluginParts(options, makerWith, log, tracing);
  if (await startStandalone({ id: options.id, env, argv, services, ...rest })) return;
  const running = await serve({
    name: options.id,
    cookie,
    versions: { [protocolVersion]: services },
    ...rest,
  });
  // Not before Grafana knows that we are there.
  void metrics.load();
  await running.stopped;
}

/** A plugin, put together and not served yet. */
export function pluginParts<JsonData>(
  options: PluginOptions<JsonData>,
  makerWith: (log: Logger) => InstanceMaker,
  baseLog: Logger,
  tracing: Tracing | undefined,
) {
  const log = contextualLogger(baseLog);
  const instances = new PluginInstances(makerWith(log), log);
  const metrics = new PluginMetrics(() => instances.counts);
  const runtime: Runtime = { log, metrics, tracing, instance: (context) => instances.of(context) };
  const { maxReceiveMessageBytes } = options;
  return {
    services: servicesOf(options, runtime),
    interceptors: [countedBy(metrics), ...(tracing === undefined ? [] : [tracing.interceptor])],
    metrics,
    log: baseLog,
    ...(maxReceiveMessageBytes === undefined ? {} : { maxReceiveMessageBytes }),
    async stop(): Promise<void> {
      metrics.close();
      const disposed = instances.dispose();
      // Spans of what is disposed of are sent, too; but who takes long for it does not cost those of everything else.
      await Promise.race([disposed, setTimeout(disposeMs, undefined, { ref: false })]);
      await tracing?.shutdown();
      await disposed;
    },
  };
}

function servicesOf(options: AdmissionHandlers, runtime: Runtime): Service[] {
  return [
    diagnosticsService(runtime),
    resourceService(runtime),
    dataService(runtime),
    streamService(runtime),
    ...admissionServices(options, runtime),
  ];
}

/** The tracing SDK is loaded only where there is somebody to send traces to. */
async function startedTracing(
  { id, tracingAttributes }: Pick<PluginOptions<unknown>, 'id' | 'tracingAttributes'>,
  { version }: BuildInfo,
  log: Logger,
): Promise<Tracing | undefined> {
  if (!tracingRequested(process.env)) return undefined;
  const { startTracing } = await import('./tracing/start-tracing.ts');
  return startTracing({
    env: process.env,
    pluginId: id,
    pluginVersion: version,
    warn: (message, fields) => log.warn(message, fields),
    ...(tracingAttributes === undefined ? {} : { attributes: tracingAttributes }),
  });
}

/** Answered without a Grafana, so that one can ask an executable what it is. */
function saysOnly({ id, version, time }: BuildInfo, args: readonly string[]): boolean {
  if (args.some((arg) => /^--?version$/.test(arg))) {
    process.stdout.write(`${version}\n`);
    return true;
  }
  if (args.some((arg) => /^--?buildinfo$/.test(arg))) {
    process.stdout.write(`${JSON.stringify({ time, pluginID: id, version })}\n`);
    return true;
  }
  return false;
}

function countedBy(metrics: PluginMetrics): Interceptor {
  return async (call, run) => {
    const began = performance.now();
    metrics.rpcStarted(call);
    let code = 'OK';
    try {
      await run();
    } catch (error) {
      code = codeName(error);
      throw error;
    } finally {
      metrics.rpcHandled(call, code, (performance.now() - began) / 1000);
    }
  };
}

/** As Go spells it: `NotFound`. */
function codeName(error: unknown): string {
  if (!(error instanceof RpcError)) return 'Unknown';
  if (error.code === 'CANCELLED') return 'Canceled';
  if (error.code === 'OK') return 'OK';
  return error.code.toLowerCase().replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
