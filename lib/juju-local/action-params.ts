import type { ActionValue } from '#lib/juju';
import type { ActionParameter, ActionSpec, Charm } from './charm.ts';
import { listNames, ModelError } from './errors.ts';

/**
 * @returns the parameters as the action will see them, defaults filled in
 * @throws {ModelError} for an action that the charm does not have, or parameters that its schema refuses
 */
export function actionParameters(
  charm: Charm,
  action: string,
  given: Readonly<Record<string, ActionValue>>,
): Readonly<Record<string, ActionValue>> {
  const spec = charm.actions.get(action);
  if (!spec) {
    throw new ModelError(
      `charm '${charm.name}' has no action '${action}'; it has: ${listNames(charm.actions.keys())}`,
    );
  }
  for (const [name, value] of Object.entries(given)) check(action, spec, name, value);
  const defaults = [...spec.params].flatMap(([name, parameter]): [string, ActionValue][] =>
    parameter.default === undefined ? [] : [[name, parameter.default as ActionValue]],
  );
  const complete = Object.fromEntries([...defaults, ...Object.entries(given)]);
  for (const name of spec.required) {
    if (!Object.hasOwn(complete, name))
      throw new ModelError(`action '${action}' needs the parameter '${name}'`);
  }
  return complete;
}

function check(action: string, spec: ActionSpec, name: string, value: ActionValue): void {
  const parameter = spec.params.get(name);
  if (!parameter) {
    if (spec.additionalProperties) return;
    throw new ModelError(
      `action '${action}' has no parameter '${name}'; it has: ${listNames(spec.params.keys())}`,
    );
  }
  const shown = JSON.stringify(value);
  if (!hasType(parameter, value)) {
    throw new ModelError(
      `parameter '${name}' of action '${action}' must be of type ${parameter.type}, not ${shown}`,
    );
  }
  if (parameter.enum && !parameter.enum.some((one) => JSON.stringify(one) === shown)) {
    const choice = parameter.enum.map((one) => JSON.stringify(one)).join(', ');
    throw new ModelError(`parameter '${name}' of action '${action}' must be one of ${choice}, not ${shown}`);
  }
}

function hasType({ type }: ActionParameter, value: ActionValue): boolean {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'number':
      return typeof value === type;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'null':
      return value === null;
    default:
      return true;
  }
}
