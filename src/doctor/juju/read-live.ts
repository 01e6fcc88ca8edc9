import { UsageError } from '#src/local';
import { type ClientOptions, JujuError, juju } from './client.ts';
import { type ModelInput, readModel, readStatus, type Source, unitsOfInterest } from './model-input.ts';
import { unitsOf } from './status.ts';

/** Units in one call: few calls, and argument lists that every system takes. */
const unitsPerCall = 40;
/** Calls at a time: each is a login at the controller. */
const callsAtATime = 4;

/**
 * Asks the `juju` client about models.
 * @param models - as `juju -m` takes them; the current one when there are none
 * @throws {UsageError} a model could not be looked at
 */
export async function readLive(models: readonly string[], options: ClientOptions): Promise<ModelInput[]> {
  const wanted = models.length === 0 ? [undefined] : [...new Set(models)];
  const inputs: ModelInput[] = [];
  for (const model of wanted) inputs.push(await readLiveModel(model, options));
  return inputs;
}

async function readLiveModel(model: string | undefined, options: ClientOptions): Promise<ModelInput> {
  const where = model === undefined ? [] : ['--model', model];
  const told = await withModel(model, () => juju(['status', '--format', 'json', ...where], options));
  const status = readStatus({ from: 'juju status', value: told });
  const units = unitsOfInterest(
    status,
    unitsOf(status).map(({ name }) => name),
  );
  const shown = await withModel(model, () => showAll(units, where, options));
  return readModel(status, shown);
}

async function showAll(
  units: readonly string[],
  where: readonly string[],
  options: ClientOptions,
): Promise<Source[]> {
  const batches = chunks(units, unitsPerCall);
  const shown: Source[] = [];
  const stopped = new AbortController();
  const work = async () => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      shown.push(...(await showUnits(batch, where, { ...options, signal: stopped.signal })));
    }
  };
  try {
    await Promise.all(Array.from({ length: callsAtATime }, work));
    return shown;
  } finally {
    // Where one call failed, nobody waits for the others.
    stopped.abort();
  }
}

/** Juju refuses a call as a whole if one unit has gone since; then the others are asked in smaller groups. */
async function showUnits(
  units: readonly string[],
  where: readonly string[],
  options: ClientOptions,
): Promise<Source[]> {
  try {
    const value = await juju(['show-unit', '--format', 'json', ...where, ...units], options);
    return [{ from: 'juju show-unit', value }];
  } catch (error) {
    if (!(error instanceof JujuError) || !/unit "?[a-z0-9/-]+"? not found/.test(error.said)) throw error;
    if (units.length < 2) return [];
    const half = Math.ceil(units.length / 2);
    return [
      ...(await showUnits(units.slice(0, half), where, options)),
      ...(await showUnits(units.slice(half), where, options)),
    ];
  }
}

async function withModel<T>(model: string | undefined, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof JujuError) || model === undefined) throw error;
    throw new UsageError(`model ${model}: ${error.message}`, { cause: error });
  }
}

function chunks(all: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}
