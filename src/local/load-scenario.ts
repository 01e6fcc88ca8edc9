import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { UsageError } from './errors.ts';
import { Scenario } from './scenario.ts';

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
  const document = parseDocument(await read(file), { prettyErrors: true });
  const [broken] = document.errors;
  if (broken !== undefined) throw new UsageError(`${file}: ${broken.message.split('\n')[0]}`);
  // No aliases that blow up: a scenario is small.
  const result = Scenario.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (!result.success) throw new UsageError(problems(file, result.error));
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

/** A line for each problem, with the path of the key: `applications.tempo: unknown key 'unitz'`. */
function problems(file: string, error: z.ZodError): string {
  const lines = error.issues.flatMap(flatten).map(({ path, message }) => {
    return `  ${path.length === 0 ? 'the file' : path.map(String).join('.')}: ${message}`;
  });
  return [`${file} is no valid scenario (its format is in docs/scenarios.md):`, ...new Set(lines)].join('\n');
}

function flatten(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code === 'unrecognized_keys') {
    return [{ path: issue.path, message: `unknown key '${issue.keys.join("', '")}'` }];
  }
  return [{ path: issue.path, message: issue.message }];
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
