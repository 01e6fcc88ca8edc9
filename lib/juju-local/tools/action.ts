import type { ActionValue } from '#lib/juju';
import { noMore, usage } from './args.ts';
import { parseKeyValues } from './key-values.ts';
import { smart, type Tool } from './tool.ts';

const actionGet: Tool = {
  flags: {},
  formats: smart,
  async run({ tools, args: { positional } }) {
    noMore(positional, 1);
    const [path] = positional;
    const parameters = await tools.actionGet();
    return { value: path === undefined ? parameters : descend(parameters, path.split('.')) };
  },
};

/** @returns null for what is not there */
function descend(value: ActionValue, [key, ...rest]: readonly string[]): ActionValue {
  if (key === undefined) return value;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null;
  return descend((value as Readonly<Record<string, ActionValue>>)[key] ?? null, rest);
}

const actionSet: Tool = {
  flags: {},
  formats: [],
  async run({ tools, args: { positional } }) {
    await tools.actionSet(Object.fromEntries(parseKeyValues(positional)));
    return undefined;
  },
};

const actionFail: Tool = {
  flags: {},
  formats: [],
  async run({ tools, args: { positional } }) {
    noMore(positional, 1);
    await tools.actionFail(positional[0]);
    return undefined;
  },
};

const actionLog: Tool = {
  flags: {},
  formats: [],
  async run({ tools, args: { positional } }) {
    if (positional.length === 0) throw usage('no message specified');
    await tools.actionLog(positional.join(' '));
    return undefined;
  },
};

export const actionTools = {
  'action-get': actionGet,
  'action-set': actionSet,
  'action-fail': actionFail,
  'action-log': actionLog,
} as const;
