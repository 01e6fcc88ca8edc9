import type { Attributes } from '@opentelemetry/api';
import { messageOf } from '../errors.ts';
import { readTracingSettings } from './settings.ts';
import type { Tracing } from './tracing.ts';

export interface TracingOptions {
  /** Grafana's `GF_INSTANCE_OTLP_*`. */
  readonly env: NodeJS.ProcessEnv;
  readonly pluginId: string;
  readonly pluginVersion: string;
  /** Of the author's, about the process: they stand beside `service.name` in each trace. */
  readonly attributes?: Attributes;
  /** For what goes wrong while the plugin runs. Never called with a secret. */
  readonly warn: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/**
 * Starts to record, in all of this process; there is one at a time.
 * @throws {Error} where what Grafana asks for is not known or makes no sense: for the plugin not to start, with a
 *   message that names the variable
 */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const { env, attributes = {}, ...rest } = options;
  const settings = readTracingSettings(env);
  // Loaded here and nowhere else, because it takes longer than the rest of the start.
  const { startProvider } = await import('./provider.ts');
  try {
    return startProvider({ ...rest, settings, attributes });
  } catch (error) {
    throw new Error(
      `cannot send traces to GF_INSTANCE_OTLP_ADDRESS=${settings.address}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}
