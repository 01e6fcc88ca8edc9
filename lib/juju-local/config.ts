import type { Config } from '#lib/juju';
import type { Charm, ConfigOption, OptionValue } from './charm.ts';
import { listNames, ModelError } from './errors.ts';

/** What an operator sets: `null` goes back to the default. */
export type ConfigChanges = Readonly<Record<string, OptionValue | null>>;

/**
 * @param app - for the message only
 * @returns `config` with the changes; `config` holds only what the operator set
 * @throws {ModelError} for an unknown option, or a value of the wrong type
 */
export function changeConfig(
  app: string,
  charm: Charm,
  config: ReadonlyMap<string, OptionValue>,
  changes: ConfigChanges,
): Map<string, OptionValue> {
  const changed = new Map(config);
  for (const [key, value] of Object.entries(changes)) {
    const option = charm.options.get(key);
    if (option === undefined) {
      const known = listNames(charm.options.keys());
      throw new ModelError(`application '${app}' has no option '${key}'; its charm's options: ${known}`);
    }
    if (value === null) changed.delete(key);
    else {
      const problem = mismatch(option, value);
      if (problem) throw new ModelError(`option '${key}' of application '${app}' ${problem}`);
      changed.set(key, value);
    }
  }
  return changed;
}

/** @returns what `config-get` shows: the operator's values over the charm's defaults */
export function effectiveConfig(charm: Charm, config: ReadonlyMap<string, OptionValue>): Config {
  const effective: [string, OptionValue][] = [];
  for (const [key, option] of charm.options) {
    const value = config.get(key) ?? option.default;
    if (value !== undefined) effective.push([key, value]);
  }
  return Object.fromEntries(effective);
}

/** @throws {ModelError} when a default is not of its option's type, which Juju refuses at deploy */
export function checkDefaults(charm: Charm): void {
  for (const [key, option] of charm.options) {
    if (option.default === undefined) continue;
    const problem = mismatch(option, option.default);
    if (problem)
      throw new ModelError(`config.yaml of charm '${charm.name}': the default of option '${key}' ${problem}`);
  }
}

function mismatch({ type }: ConfigOption, value: OptionValue): string | undefined {
  const shown = JSON.stringify(value);
  switch (type) {
    case 'string':
      return typeof value === 'string' ? undefined : `must be a string, not ${shown}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `must be true or false, not ${shown}`;
    case 'int':
      return Number.isInteger(value) ? undefined : `must be a whole number, not ${shown}`;
    case 'float':
      return typeof value === 'number' ? undefined : `must be a number, not ${shown}`;
    case 'secret':
      return typeof value === 'string' && (value === '' || value.startsWith('secret:'))
        ? undefined
        : `must be a secret's URI ('secret:...' as addSecret returned it), not ${shown}`;
  }
}
