import { open } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { UsageError } from '#src/local';
import type { LiveGrafana } from './grafana/live-grafana.ts';
import { SavedGrafana } from './grafana/saved-grafana.ts';
import type { ModelInput, Source } from './juju/model-input.ts';
import { readModel, readStatus } from './juju/model-input.ts';
import { applicationOf } from './juju/status.ts';
import { readSaved } from './saved.ts';

/** Far more than the largest model prints. */
export const limitBytes = 256 * 1024 * 1024;

/**
 * Reads what somebody saved of `juju status` and `juju show-unit`.
 * @param files.status - one for each model
 * @param files.showUnit - for one model as many as there are, else one for each, in the same order
 * @throws {UsageError} a file is not there, or not what it should be
 */
export async function readJujuFiles(files: {
  readonly status: readonly string[];
  readonly showUnit: readonly string[];
}): Promise<ModelInput[]> {
  const { status, showUnit } = files;
  if (status.length > 1 && status.length !== showUnit.length) {
    throw new UsageError('of several models, give --status and --show-unit for each, in the same order');
  }
  const models: ModelInput[] = [];
  for (const [i, file] of status.entries()) {
    const read = readStatus(await readSource(file));
    const shown = status.length === 1 ? showUnit : showUnit.slice(i, i + 1);
    const sources: Source[] = [];
    for (const one of shown) sources.push(await readSource(one));
    const model = readModel(read, sources);
    refuseStrangers(model, file, shown);
    models.push(model);
  }
  return models;
}

/** Two files of different models would make a model that there is not. */
function refuseStrangers({ status, units }: ModelInput, file: string, shown: readonly string[]): void {
  for (const unit of units.keys()) {
    if (Object.hasOwn(status.applications ?? {}, applicationOf(unit))) continue;
    throw new UsageError(
      `${shown.join(', ')}: unit ${unit} is of no application in ${file}; are they of one model?`,
    );
  }
}

/** Models of Juju, or a Grafana that was looked at without. */
export type SavedReading = { readonly models: readonly ModelInput[] } | { readonly grafana: LiveGrafana };

/** @throws {UsageError} the file is not there, or not what `--save` writes */
export async function readSavedFile(file: string): Promise<SavedReading> {
  const source = await readSource(file);
  const live = SavedGrafana.safeParse(source.value);
  return live.success ? { grafana: live.data.grafana } : { models: readSaved(source) };
}

async function readSource(file: string): Promise<Source> {
  return { from: file, value: parsed(file, await textOf(file)) };
}

async function textOf(file: string): Promise<string> {
  try {
    await using handle = await open(file);
    const { size } = await handle.stat();
    if (size > limitBytes) throw new UsageError(`${file}: longer than ${limitBytes / 1024 / 1024} MiB`);
    return (await handle.readFile('utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file}: can't be read: ${why}`, { cause: error });
  }
}

/**
 * JSON, or YAML, which is what `juju show-unit` prints by itself.
 * @throws {UsageError} it is neither
 */
function parsed(file: string, text: string): unknown {
  if (/^\s*[{[]/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // YAML may begin like that too; what is wrong is said for it then.
    }
  }
  const document = parseDocument(text, { prettyErrors: true });
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw new UsageError(`${file}: neither JSON nor YAML: ${broken.message.split(/:?\n/)[0]}`);
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return value;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file}: ${why}`, { cause: error });
  }
}
