import { isUnitName, parseUnitName, type UnitName } from '#lib/juju';
import { noMore, usage } from './args.ts';
import { parseKeyValues, parseYamlStrings } from './key-values.ts';
import { relationFlag, relationId } from './relation-arg.ts';
import { smart, type Tool, type ToolContext } from './tool.ts';

const app = { app: { kind: 'bool' } } as const;

const relationIds: Tool = {
  flags: {},
  formats: smart,
  async run({ tools, context: { event }, args: { positional } }) {
    noMore(positional, 1);
    const endpoint = positional[0] ?? ('endpoint' in event ? event.endpoint : undefined);
    if (endpoint === undefined) throw usage('no endpoint name specified');
    const ids = await tools.relationIds(endpoint);
    // Sorted as strings, which puts db:10 before db:2.
    return { value: ids.map((id) => `${endpoint}:${id}`).sort() };
  },
};

const relationList: Tool = {
  flags: { ...relationFlag, ...app },
  formats: smart,
  async run({ tools, context, args }) {
    noMore(args.positional);
    const id = relationId(args, context);
    if (args.bool('app')) return { value: await tools.relationListApp(id) };
    return { value: (await tools.relationList(id)).sort() };
  },
};

const relationGet: Tool = {
  flags: { ...relationFlag, ...app },
  formats: smart,
  async run({ tools, context, args }) {
    const id = relationId(args, context);
    const [key = '-', member] = args.positional;
    noMore(args.positional, 2);
    const of = memberOf(member, args.bool('app'), context);
    const data = await tools.relationGet({ relationId: id, of });
    if (key === '-' || key === '') return { value: data };
    return { value: Object.hasOwn(data, key) ? data[key] : null };
  },
};

/** Whose bag relation-get reads: an argument, or what the hook is about. */
function memberOf(member: string | undefined, asApp: boolean, { event }: ToolContext): UnitName | string {
  if (member === undefined) {
    const remoteUnit = 'remoteUnit' in event ? event.remoteUnit : undefined;
    const remoteApp = 'remoteApp' in event ? event.remoteApp : '';
    if (remoteUnit) return asApp ? parseUnitName(remoteUnit).app : remoteUnit;
    if (remoteApp) return remoteApp;
    throw usage('no unit or application specified');
  }
  if (isUnitName(member)) return asApp ? parseUnitName(member).app : member;
  if (!/^[a-z][a-z0-9-]*$/.test(member)) throw usage(`invalid unit name ${JSON.stringify(member)}`);
  if (!asApp) throw usage(`expected unit name, got application name ${JSON.stringify(member)}`);
  return member;
}

const relationSet: Tool = {
  // --format is still taken, and ignored, for charms of Juju 1.
  flags: { ...relationFlag, ...app, file: { kind: 'string' }, format: { kind: 'string' } },
  formats: [],
  async run({ tools, context, args, file }) {
    const id = relationId(args, context);
    const given = parseKeyValues(args.positional);
    const path = args.string('file');
    const data = path ? parseYamlStrings(await file(path)) : new Map<string, string>();
    for (const [key, value] of given) data.set(key, value);
    await tools.relationSet({ relationId: id, app: args.bool('app'), data: Object.fromEntries(data) });
    return undefined;
  },
};

const relationModelGet: Tool = {
  flags: relationFlag,
  formats: smart,
  async run({ tools, context, args }) {
    noMore(args.positional);
    return { value: await tools.relationModelGet(relationId(args, context)) };
  },
};

export const relationTools = {
  'relation-ids': relationIds,
  'relation-list': relationList,
  'relation-get': relationGet,
  'relation-set': relationSet,
  'relation-model-get': relationModelGet,
} as const;
