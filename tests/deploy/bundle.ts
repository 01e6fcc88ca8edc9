import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { projectFolder } from '#src/local';

const endpoint = z.string().regex(/^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$/);

/** What our bundles use of Juju's format; a key that is not here is a typing error. */
const Bundle = z.strictObject({
  bundle: z.literal('kubernetes').optional(),
  description: z.string().optional(),
  'default-base': z.string().optional(),
  machines: z.record(z.string(), z.strictObject({})).optional(),
  applications: z.record(
    z.string(),
    z.strictObject({
      charm: z.string().startsWith('.'),
      base: z.string().optional(),
      scale: z.number().int().positive().optional(),
      num_units: z.number().int().positive().optional(),
      trust: z.boolean().optional(),
      to: z.array(z.string()).optional(),
      options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
    }),
  ),
  relations: z.array(z.tuple([endpoint, endpoint])),
});
export type Bundle = z.infer<typeof Bundle>;

/** @returns the bundle, with the paths of its charms absolute, as Juju reads them: from the folder it lies in */
export async function readBundle(file: string): Promise<Bundle> {
  const path = join(projectFolder, file);
  const bundle = Bundle.parse(parse(await readFile(path, 'utf8')));
  for (const application of Object.values(bundle.applications)) {
    application.charm = resolve(dirname(path), application.charm);
  }
  return bundle;
}

/** An overlay on its bundle, as far as adding applications and relations goes. */
export function overlaid(base: Bundle, overlay: Bundle): Bundle {
  return {
    ...base,
    applications: { ...base.applications, ...overlay.applications },
    relations: [...base.relations, ...overlay.relations],
  };
}

const role = z.record(z.string(), z.object({ interface: z.string() })).default({});
const Metadata = z.object({ name: z.string(), provides: role, requires: role });

/** An end of a relation, as the charm declares it. */
export interface Endpoint {
  readonly role: 'provides' | 'requires';
  readonly interface: string;
}

/** @param folder - of an unpacked charm */
export async function endpointsOf(folder: string): Promise<ReadonlyMap<string, Endpoint>> {
  const { provides, requires } = Metadata.parse(parse(await readFile(join(folder, 'metadata.yaml'), 'utf8')));
  const ends = (of: typeof provides, role: Endpoint['role']) =>
    Object.entries(of).map(([name, { interface: it }]) => [name, { role, interface: it }] as const);
  return new Map([...ends(provides, 'provides'), ...ends(requires, 'requires')]);
}
