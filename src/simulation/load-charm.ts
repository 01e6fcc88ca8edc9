import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { readCharm } from '#lib/juju-local';
import type { SimulatedCharm } from './charms.ts';

const Module = z.object({
  run: z.custom<SimulatedCharm['run']>((value) => typeof value === 'function', 'expected a function'),
});

/**
 * The charm in a folder, run without a process of its own: by its path, as the local model runs any charm's `dispatch`,
 * and not by an import from above.
 * @param folder - of an unpacked charm whose `charm/main.ts` exports `run`
 */
export async function loadCharm(folder: string): Promise<SimulatedCharm> {
  const main: unknown = await import(pathToFileURL(join(folder, 'charm/main.ts')).href);
  return { charm: await readCharm(folder), run: Module.parse(main).run };
}
