import { readFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { PlantedBug } from './bugs/index.ts';

/** This project's folder. */
export const root = new URL('../../../', import.meta.url);

/** The simulation, with a charm that has the bug in it; nothing more of either than a hunt needs. */
export interface PlantedSimulation {
  /** @returns what is wrong with the world of this seed, a line each */
  readonly judge: (seed: number) => Promise<readonly string[]>;
  /** @throws {Error} a patch that no hook has loaded: then the charm had no bug */
  readonly assertLoaded: () => void;
}

/**
 * Loads the charm with one bug in it into this process, and the simulation around it. Modules are loaded once: a
 * process has one bug at the most, and has not loaded any of it before.
 * @param bug - undefined: the charm as it is, by the same way
 * @throws {Error} a patch that does not fit its file exactly once
 */
export async function loadPlanted(bug: PlantedBug | undefined): Promise<PlantedSimulation> {
  const patches = Map.groupBy(bug?.patches ?? [], ({ file }) => new URL(file, root).href);
  const loaded = new Set<string>();
  registerHooks({
    load(url, context, nextLoad) {
      const module = nextLoad(url, context);
      const wanted = patches.get(url);
      if (wanted === undefined) return module;
      loaded.add(url);
      // As it stands in the file: types are stripped after this, since the format says that it has some.
      return { ...module, source: wanted.reduce(patched, textOf(module.source)) };
    },
  });
  const { judge, loadCharm, planOf } = await import('#src/simulation');
  const charm = await loadCharm(fileURLToPath(root));
  return {
    judge: async (seed) => (await judge(planOf(seed), charm)).problems,
    assertLoaded() {
      const missing = [...patches.keys()].filter((url) => !loaded.has(url));
      if (missing.length > 0) throw new Error(`no hook loads ${missing.join(', ')}`);
    },
  };
}

/** @returns the text with the bug in it @throws {Error} what is to be replaced is not there, or more than once */
export function patched(text: string, { file, replace, by }: PlantedBug['patches'][number]): string {
  const parts = text.split(replace);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${replace}`);
  return parts.join(by);
}

/** @returns a file of this project with all patches of a bug that concern it */
export async function patchedFile(file: string, bug: PlantedBug): Promise<string> {
  const text = await readFile(new URL(file, root), 'utf8');
  return bug.patches.filter((patch) => patch.file === file).reduce(patched, text);
}

function textOf(source: unknown): string {
  if (typeof source === 'string') return source;
  if (source instanceof Uint8Array) return Buffer.from(source).toString('utf8');
  throw new TypeError('the module has no source');
}
