import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { isMissing, PluginBuildError, why } from './errors.ts';
import { PluginJson } from './plugin-json.ts';

export interface PluginMetadata {
  readonly plugin: PluginJson;
  /** What goes into dist/, with nothing left to fill in. */
  readonly text: string;
  /** Fills in the same in another file: `%VERSION%`, `%TODAY%` and `%PLUGIN_ID%`. */
  readonly fill: (text: string) => string;
}

/**
 * Reads and checks plugin.json, with its placeholders filled in as Grafana's own tool does it.
 * @param file - absolute path
 * @param shownFile - how messages call it
 * @param builtAt - stands for today
 * @throws {PluginBuildError} with a line for each thing that is wrong
 * @see grafana/plugin-tools: the webpack configuration of create-plugin
 */
export async function readPluginJson(
  file: string,
  shownFile: string,
  builtAt: Date,
): Promise<PluginMetadata> {
  const raw = await readFile(file, 'utf8');
  const version = raw.includes('%VERSION%') ? await packageVersion(dirname(file), shownFile) : undefined;
  const today = builtAt.toISOString().slice(0, 10);
  const dated = (text: string, stated: string) =>
    text.replaceAll('%VERSION%', version ?? stated).replaceAll('%TODAY%', today);
  const plugin = check(parse(dated(raw, ''), shownFile), shownFile);
  const fill = (text: string) => dated(text, plugin.info.version).replaceAll('%PLUGIN_ID%', plugin.id);
  return { plugin, text: fill(raw), fill };
}

function parse(text: string, shownFile: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PluginBuildError(`${shownFile} is no JSON: ${why(error)}`, { cause: error });
  }
}

function check(value: unknown, shownFile: string): PluginJson {
  const parsed = PluginJson.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new PluginBuildError(
    parsed.error.issues.flatMap(problems).map((problem) => `${shownFile}: ${problem}`),
  );
}

function problems(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      return `${[...path, key].join('.')} is a key that Grafana does not know; correct its name or remove it`;
    });
  }
  const at = path.length === 0 ? 'it' : path.join('.');
  if (issue.code === 'invalid_type') {
    return [
      issue.message.includes('received undefined') ? `${at} is missing` : `${at} has to be ${issue.expected}`,
    ];
  }
  if (issue.code === 'invalid_value')
    return [`${at} has to be one of ${issue.values.map(String).join(', ')}`];
  return [`${at} ${issue.message}`];
}

const Package = z.object({ version: z.string() });

/** That of the nearest package.json, as npm finds it. */
async function packageVersion(folder: string, shownFile: string): Promise<string> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (text !== undefined) {
    const parsed = Package.safeParse(parse(text, join(folder, 'package.json')));
    if (parsed.success) return parsed.data.version;
  }
  const parent = dirname(folder);
  if (parent !== folder) return packageVersion(parent, shownFile);
  throw new PluginBuildError(
    `${shownFile}: %VERSION% stands for the version of package.json, and no package.json with one is in this ` +
      'folder or above it; write one, or the version itself',
  );
}
