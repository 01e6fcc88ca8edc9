import * as z from 'zod';

/** Of the plugin that runs. */
export interface BuildInfo {
  readonly id: string;
  readonly version: string;
  /** ISO 8601; undefined when run from sources. */
  readonly time: string | undefined;
}

const Built = z.object({ id: z.string(), version: z.string(), time: z.string() });

/**
 * `crosslink plugin build` writes it into the bundle. From sources there is none, and the version is what Grafana says
 * (GF_PLUGIN_VERSION), or unknown.
 */
export function buildInfo(id: string, env: NodeJS.ProcessEnv): BuildInfo {
  const built = Built.safeParse(Reflect.get(globalThis, '__CROSSLINK_PLUGIN_BUILD__'));
  if (built.success) return built.data;
  return { id, version: env.GF_PLUGIN_VERSION || 'unknown', time: undefined };
}
