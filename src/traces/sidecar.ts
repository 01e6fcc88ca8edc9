import { resolve } from 'node:path';
import * as z from 'zod';
import { type SidecarStores, serveSidecar } from '#lib/jaeger-storage';
import { defaultTracesFolder } from './folder.ts';
import { openFolders } from './open-folder.ts';
import { parseDuration, parseSize } from './units.ts';

/** Less would be a few commits' worth. */
export const leastBytes = 64_000_000;

/** Of the file that Jaeger names with `--grpc-storage-plugin.configuration-file`; the options of `traces serve`. */
const Config = z.object({
  folder: z.string().min(1).optional(),
  retention: z
    .string()
    .transform((text) => parseDuration(text) ?? 0n)
    .refine((age) => age > 0n, 'takes a time such as 72h or 30d')
    .optional(),
  'max-size': z
    .string()
    .transform((text) => parseSize(text) ?? 0)
    .refine((size) => size >= leastBytes, 'takes a size such as 10GB, of at least 64MB')
    .optional(),
  durability: z.enum(['process', 'power']).default('process'),
});

/** Whether Jaeger, up to 1.57, has just started this process as its storage plugin: nobody else sets this. */
export function isStartedByJaeger(args: readonly string[], env: NodeJS.ProcessEnv): boolean {
  return args[0] === '--config' && env.STORAGE_PLUGIN === 'jaeger';
}

/**
 * Is the storage plugin of a Jaeger that has started this process, until that ends it.
 * @param args - `--config FILE`
 */
export async function sidecar(args: readonly string[]): Promise<void> {
  const plugin = await serveSidecar({ name: 'crosslink', args, config: Config, open: openStores });
  await plugin.stopped;
}

async function openStores(config: z.infer<typeof Config>): Promise<SidecarStores> {
  const { folder, retention, durability, 'max-size': maxBytes } = config;
  return openFolders({
    folder: folder === undefined ? defaultTracesFolder(process.env) : resolve(folder),
    durability,
    retention: {
      maxAgeMs: retention === undefined ? undefined : Math.ceil(Number(retention) / 1e6),
      maxBytes,
    },
  });
}
