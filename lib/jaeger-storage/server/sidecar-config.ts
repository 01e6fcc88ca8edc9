import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod';
import { messageOf } from '#lib/go-plugin';

/** A plugin that cannot run as Jaeger was told to run it. The message says what to change. */
export class SidecarConfigError extends Error {
  override readonly name = 'SidecarConfigError';
}

/** What every sidecar understands, besides what its own schema says. */
const Common = z.object({
  /** Whether Jaeger may write by streams. */
  enable_streaming_writer: z.boolean().default(true),
});

export interface SidecarConfig<Own> {
  readonly streaming: boolean;
  readonly own: Own;
}

/**
 * The file that Jaeger names: exactly two arguments, `--config FILE`, of which the second is empty where
 * `--grpc-storage-plugin.configuration-file` is not given.
 * @returns undefined where there is none
 * @throws {SidecarConfigError}
 */
export function configPath(args: readonly string[]): string | undefined {
  const [flag, path] = args;
  if (args.length !== 2 || flag !== '--config' || path === undefined) {
    throw new SidecarConfigError(
      `give exactly '--config FILE', as Jaeger 1.57 and before do; there was ${args.length === 0 ? 'nothing' : `'${args.join(' ')}'`}`,
    );
  }
  return path === '' ? undefined : path;
}

/**
 * Reads a config file of YAML.
 * @param path - undefined: as if the file were empty
 * @param schema - of its top-level keys; those it does not know are refused, or they would be misspelt in silence
 * @throws {SidecarConfigError} it can't be read, is no YAML, or says something else
 */
export async function readSidecarConfig<Shape extends z.ZodRawShape>(
  path: string | undefined,
  schema: z.ZodObject<Shape>,
): Promise<SidecarConfig<z.infer<z.ZodObject<Shape>>>> {
  const where = path ?? 'no config file';
  const value = path === undefined ? {} : await yamlOf(path);
  const common = Common.safeParse(value);
  const { enable_streaming_writer: _, ...rest } =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const own = z.strictObject(schema.shape).safeParse(rest);
  const issues = [...(common.error?.issues ?? []), ...(own.error?.issues ?? [])];
  if (!common.success || !own.success) {
    const told = issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
    throw new SidecarConfigError(`${where}: ${told.join('; ')}`);
  }
  return { streaming: common.data.enable_streaming_writer, own: own.data as z.infer<z.ZodObject<Shape>> };
}

async function yamlOf(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new SidecarConfigError(
      `the config file cannot be read: ${messageOf(cause)}; check --grpc-storage-plugin.configuration-file`,
      { cause },
    );
  }
  try {
    // An empty file is one that says nothing.
    return (parse(text) as unknown) ?? {};
  } catch (cause) {
    throw new SidecarConfigError(`${path} is no YAML: ${messageOf(cause)}`, { cause });
  }
}
