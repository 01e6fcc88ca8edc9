import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import { ModelError } from './errors.ts';

/** An endpoint's role as metadata.yaml names it. */
export type EndpointRole = 'provides' | 'requires' | 'peers';

export interface Endpoint {
  readonly name: string;
  readonly role: EndpointRole;
  readonly interface: string;
  /** Most relations at one time; undefined: any number. */
  readonly limit: number | undefined;
  readonly scope: 'global' | 'container';
}

export type OptionType = 'string' | 'int' | 'float' | 'boolean' | 'secret';
export type OptionValue = string | number | boolean;

export interface ConfigOption {
  readonly type: OptionType;
  /** Undefined: unset until the operator sets it. */
  readonly default: OptionValue | undefined;
}

/** One action of actions.yaml: the part of JSON Schema that parameters are checked by. */
export interface ActionSpec {
  readonly description: string;
  readonly params: ReadonlyMap<string, ActionParameter>;
  readonly required: readonly string[];
  readonly additionalProperties: boolean;
}
export interface ActionParameter {
  /** A JSON Schema type; undefined: anything. */
  readonly type: string | undefined;
  readonly default: unknown;
  readonly enum: readonly unknown[] | undefined;
}

/** A charm as it lies unpacked in a folder. */
export interface Charm {
  /** Absolute. */
  readonly folder: string;
  readonly name: string;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** What `network-get` knows besides endpoints. */
  readonly extraBindings: readonly string[];
  readonly options: ReadonlyMap<string, ConfigOption>;
  readonly actions: ReadonlyMap<string, ActionSpec>;
  /** Files that the folder lacks and packing would have made of its charmcraft.yaml: name to text. */
  readonly packed: ReadonlyMap<string, string>;
}

/** What charms may read about themselves. */
export const packedFiles: readonly string[] = ['metadata.yaml', 'config.yaml', 'actions.yaml'];

/** Keys without a value (`requires:`) are null in YAML and mean the same as no key. */
const map = <T extends z.ZodType>(value: T) =>
  z
    .record(z.string(), value)
    .nullish()
    .transform((found) => found ?? {});

const EndpointSchema = z.union([
  z.string().transform((name) => ({ interface: name, limit: undefined, scope: 'global' as const })),
  z.object({
    interface: z.string().min(1),
    limit: z
      .number()
      .int()
      .nonnegative()
      .nullish()
      .transform((limit) => limit || undefined),
    scope: z.enum(['global', 'container']).default('global'),
  }),
]);
const Metadata = z.object({
  name: z.string().min(1),
  subordinate: z.boolean().default(false),
  provides: map(EndpointSchema),
  requires: map(EndpointSchema),
  peers: map(EndpointSchema),
  'extra-bindings': map(z.unknown()),
});
const OptionSchema = z.object({
  type: z.enum(['string', 'int', 'float', 'boolean', 'secret']).default('string'),
  default: z
    .union([z.string(), z.number(), z.boolean()])
    .nullish()
    .transform((value) => value ?? undefined),
});
const ConfigFile = z.object({ options: map(OptionSchema) });
const ActionSchema = z
  .looseObject({
    description: z.string().default(''),
    params: map(
      z.looseObject({
        type: z.unknown().optional(),
        default: z.unknown().optional(),
        enum: z.array(z.unknown()).optional(),
      }),
    ),
    required: z.array(z.string()).default([]),
    additionalProperties: z.boolean().default(true),
  })
  .nullish()
  .transform((action) => action ?? { description: '', params: {}, required: [], additionalProperties: true });
const ActionsFile = map(ActionSchema);
const CharmcraftFile = z.looseObject({
  config: ConfigFile.nullish(),
  actions: ActionsFile,
});

/**
 * Reads what Juju reads of a charm: metadata.yaml, config.yaml and actions.yaml. A folder that has only a
 * charmcraft.yaml (`charmcraft pack` would split it into those files) is read the same way.
 * @throws {ModelError} when the folder holds no charm, or one that Juju would refuse
 */
export async function readCharm(folder: string): Promise<Charm> {
  const root = resolve(folder);
  const entries = await readdir(root).catch((cause: unknown) => {
    throw new ModelError(`'${root}' is no readable folder: give the folder of an unpacked charm`, { cause });
  });
  if (!entries.includes('dispatch') && !entries.includes('hooks')) {
    throw new ModelError(`'${root}' has no 'dispatch' executable and no 'hooks' folder: is the charm built?`);
  }
  const authored = entries.includes('charmcraft.yaml') && !entries.includes('metadata.yaml');
  if (!authored && !entries.includes('metadata.yaml')) {
    throw new ModelError(`'${root}' has no metadata.yaml (and no charmcraft.yaml): it is no charm`);
  }
  const read = async <T extends z.ZodType>(file: string, schema: T): Promise<z.infer<T>> =>
    check(join(root, file), await readFile(join(root, file), 'utf8'), schema);

  if (authored) {
    const metadata = await read('charmcraft.yaml', Metadata);
    const { config, actions } = await read('charmcraft.yaml', CharmcraftFile);
    const packed = splitCharmcraft(await read('charmcraft.yaml', z.record(z.string(), z.unknown())));
    return { ...charmOf(root, metadata, config?.options ?? {}, actions), packed };
  }
  const metadata = await read('metadata.yaml', Metadata);
  const config = entries.includes('config.yaml') ? await read('config.yaml', ConfigFile) : { options: {} };
  const actions = entries.includes('actions.yaml') ? await read('actions.yaml', ActionsFile) : {};
  return charmOf(root, metadata, config.options, actions);
}

function check<T extends z.ZodType>(path: string, text: string, schema: T): z.infer<T> {
  let plain: unknown;
  try {
    plain = parse(text);
  } catch (cause) {
    throw new ModelError(`${path} is no YAML: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const read = schema.safeParse(plain);
  if (read.success) return read.data;
  throw new ModelError(`${path} is not what Juju expects:\n${z.prettifyError(read.error)}`, {
    cause: read.error,
  });
}

function charmOf(
  folder: string,
  metadata: z.infer<typeof Metadata>,
  options: z.infer<typeof ConfigFile>['options'],
  actions: z.infer<typeof ActionsFile>,
): Charm {
  if (metadata.subordinate)
    throw new ModelError(`charm '${metadata.name}' is subordinate: not supported here`);
  const endpoints = new Map<string, Endpoint>();
  for (const role of ['provides', 'requires', 'peers'] as const) {
    for (const [name, endpoint] of Object.entries(metadata[role])) {
      if (endpoints.has(name)) {
        throw new ModelError(
          `charm '${metadata.name}' has two endpoints '${name}': rename one in metadata.yaml`,
        );
      }
      endpoints.set(name, { name, role, ...endpoint });
    }
  }
  return {
    folder,
    name: metadata.name,
    endpoints,
    extraBindings: Object.keys(metadata['extra-bindings']),
    packed: new Map(),
    options: new Map(Object.entries(options)),
    actions: new Map(
      Object.entries(actions).map(([name, { description, params, required, additionalProperties }]) => [
        name,
        { description, params: parametersOf(params), required, additionalProperties },
      ]),
    ),
  };
}

/** Keys of charmcraft.yaml that say how to build the charm, and not what it is. */
const buildKeys = ['type', 'base', 'build-base', 'bases', 'platforms', 'parts', 'charm-libs', 'analysis'];

/** @see canonical/charmcraft: charmcraft/services/package.py (write_metadata) */
function splitCharmcraft({ config, actions, ...rest }: Record<string, unknown>): Map<string, string> {
  const metadata = Object.entries(rest).filter(([key]) => !buildKeys.includes(key));
  const files = new Map([['metadata.yaml', stringify(Object.fromEntries(metadata))]]);
  if (config) files.set('config.yaml', stringify(config));
  if (actions) files.set('actions.yaml', stringify(actions));
  return files;
}

function parametersOf(
  params: Record<string, { type?: unknown; default?: unknown; enum?: unknown[] | undefined }>,
) {
  return new Map(
    Object.entries(params).map(([name, spec]): [string, ActionParameter] => [
      name,
      { type: typeof spec.type === 'string' ? spec.type : undefined, default: spec.default, enum: spec.enum },
    ]),
  );
}
