import type * as z from 'zod';
import {
  createLogger,
  type Effects,
  type Logger,
  processEffects,
  type RunningPlugin,
  serve,
} from '#lib/go-plugin';
import { TraceStoreError } from '../errors.ts';
import { storageV1Services } from '../storage-v1/services.ts';
import type { TraceStore } from '../trace-store.ts';
import { maxReceiveMessageBytes } from './limits.ts';
import { configPath, readSidecarConfig, SidecarConfigError } from './sidecar-config.ts';
import { tracingInterceptor } from './tracing.ts';

export interface SidecarStores {
  readonly traces: TraceStore;
  /** Absent: there is no archive. */
  readonly archive?: TraceStore | undefined;
}

export interface SidecarOptions<Shape extends z.ZodRawShape> {
  /** How the program calls itself to those who start it by hand. */
  readonly name?: string;
  /** Of the config file's keys, besides `enable_streaming_writer`. */
  readonly config: z.ZodObject<Shape>;
  /** Opens what the config says. Both stores are closed at the end. */
  readonly open: (config: z.infer<z.ZodObject<Shape>>, log: Logger) => Promise<SidecarStores>;
  /** Those of the process, without program and script, where unsaid. */
  readonly args?: readonly string[];
  readonly log?: Logger;
}

/** @see jaegertracing/jaeger: plugin/storage/grpc/shared/interface.go (v1.57.0) */
const cookie = { key: 'STORAGE_PLUGIN', value: 'jaeger' };

/**
 * Serves a store as the plugin that Jaeger up to 1.57 has just started this process to be, with
 * `SPAN_STORAGE_TYPE=grpc-plugin`. The process is the plugin's from here on, and ends when Jaeger does.
 * @throws what is in the way, which Jaeger's log has been told as well; the process ends with code 1
 */
export async function serveSidecar<Shape extends z.ZodRawShape>(
  options: SidecarOptions<Shape>,
  effects: Effects = processEffects(),
): Promise<RunningPlugin> {
  const { name = 'This program', args = process.argv.slice(2) } = options;
  const log =
    options.log ?? createLogger({ write: (line) => effects.printError(line), now: () => effects.now() });
  const common = { name, cookie, log, maxReceiveMessageBytes, interceptors: [tracingInterceptor] };
  // By hand: nothing is opened, and `serve` says what to do.
  if (effects.env[cookie.key] !== cookie.value) return serve({ ...common, versions: {} }, effects);

  let stores: SidecarStores;
  let streaming: boolean;
  try {
    const config = await readSidecarConfig(configPath(args), options.config);
    streaming = config.streaming;
    stores = await options.open(config.own, log);
  } catch (error) {
    // The message is for whoever wrote the config; where it was thrown helps nobody.
    const isTold = error instanceof SidecarConfigError || error instanceof TraceStoreError;
    log.error('the plugin cannot start', { error: isTold ? error.message : error });
    effects.exit(1);
    throw error;
  }
  const { traces, archive } = stores;
  const close = async () => {
    await Promise.all([traces.close(), archive?.close()]);
  };
  // What Jaeger of that age calls the kind of spans that have none.
  const services = storageV1Services({ traces, archive, streaming, log, noKind: 'unspecified' });
  return serve({ ...common, versions: { 1: services }, stop: close }, effects);
}
