import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { isScalar, parseDocument, visit } from 'yaml';
import { UsageError } from './errors.ts';
import { Scenario } from './scenario.ts';
import { plainMessage, problems } from './scenario-problems.ts';

/** The folder of this project: scenarios and the charm itself are found from here. */
export const projectFolder = resolve(import.meta.dirname, '../..');
const scenariosFolder = join(projectFolder, 'scenarios');

export interface LoadedScenario {
  readonly scenario: Scenario;
  /** Where it came from; relative charm folders are looked for from here first. */
  readonly file: string;
}

/**
 * Reads a scenario.
 * @param nameOrFile - `cos` for `scenarios/cos.yaml`, or the path of a file
 * @throws {UsageError} no such file, no YAML, or a key or value that has no place there
 */
export async function loadScenario(nameOrFile: string): Promise<LoadedScenario> {
  const file = await find(nameOrFile);
  const result = Scenario.safeParse(parseYaml(file, await read(file)), { error: plainMessage });
  if (!result.success) {
    const lines = problems(result.error).map((line) => `  ${line}`);
    const title = `${file} is no valid scenario (its format is in docs/scenarios.md):`;
    throw new UsageError([title, ...lines].join('\n'));
  }
  return { scenario: result.data, file };
}

/** @returns the names of the scenarios that come with crosslink */
export async function scenarioNames(): Promise<string[]> {
  const files = await readdir(scenariosFolder);
  return files
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => basename(name, '.yaml'))
    .toSorted();
}

async function find(nameOrFile: string): Promise<string> {
  const own = join(scenariosFolder, `${nameOrFile}.yaml`);
  if (/^[a-z0-9-]+$/.test(nameOrFile) && (await isFile(own))) return own;
  const file = resolve(nameOrFile);
  if (await isFile(file)) return file;
  const names = (await scenarioNames()).join(', ');
  throw new UsageError(`no scenario '${nameOrFile}': give the path of a file, or one of ${names}`);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file}: can't be read`, { cause: error });
  }
}

function parseYaml(file: string, text: string): unknown {
  const document = parseDocument(text, { prettyErrors: true });
  const [broken] = document.errors;
  if (broken !== undefined) throw new UsageError(`${file}: ${broken.message.split(/:?\n/)[0]}`);
  visit(document, {
    // zod passes over this key without a word; everything else that has no place in a scenario is refused.
    Pair(_, { key }) {
      if (isScalar(key) && key.value === '__proto__')
        throw new UsageError(`${file}: unknown key '__proto__'`);
    },
  });
  try {
    // No aliases that blow up: a scenario is small.
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (error instanceof ReferenceError) throw new UsageError(`${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

/**
 * Finds the folder of a charm: as it is, from the scenario's folder, from here, from the project.
 * @throws {UsageError} with every place that was tried
 */
export async function charmFolder(charm: string, scenarioFile: string): Promise<string> {
  const bases = isAbsolute(charm) ? [''] : [dirname(scenarioFile), process.cwd(), projectFolder];
  const tried = [...new Set(bases.map((base) => resolve(base, charm)))];
  for (const folder of tried) {
    if ((await stat(folder).catch(() => undefined))?.isDirectory() === true) return folder;
  }
  throw new UsageError(`no charm folder '${charm}'; looked at ${tried.join(', ')}`);
}
