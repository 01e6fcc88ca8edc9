import { noMore, usage } from './args.ts';
import { smart, type Tool } from './tool.ts';

const storageList: Tool = {
  flags: {},
  formats: smart,
  async run({ tools, args: { positional } }) {
    noMore(positional, 1);
    return { value: await tools.storageList(positional[0]) };
  },
};

const storageGet: Tool = {
  flags: { storage: { kind: 'string', short: 's' } },
  formats: smart,
  async run({ tools, context: { event }, args }) {
    noMore(args.positional, 1);
    const id = args.string('storage') ?? ('storageId' in event ? event.storageId : undefined);
    if (id === undefined) throw usage('storage instance not specified');
    const { kind, location } = await tools.storageGet(id);
    const [key] = args.positional;
    if (key === undefined) return { value: { kind, location } };
    if (key !== 'kind' && key !== 'location') throw usage(`invalid storage attribute ${JSON.stringify(key)}`);
    return { value: key === 'kind' ? kind : location };
  },
};

const storageAdd: Tool = {
  flags: {},
  formats: [],
  async run({ tools, args: { positional } }) {
    if (positional.length === 0) throw usage('storage add requires a storage directive');
    for (const directive of positional) {
      const [, name, count = '1'] = /^([a-z][a-z0-9-]*)(?:=([0-9]+))?$/.exec(directive) ?? [];
      if (name === undefined) throw usage(`storage directive ${JSON.stringify(directive)} not valid`);
      await tools.storageAdd(name, Number(count));
    }
    return undefined;
  },
};

const resourceGet: Tool = {
  flags: {},
  formats: [],
  async run({ tools, args: { positional } }) {
    const [name] = positional;
    if (!name) throw usage('missing required resource name');
    noMore(positional, 1);
    return { text: await tools.resourceGet(name) };
  },
};

export const storageTools = {
  'storage-list': storageList,
  'storage-get': storageGet,
  'storage-add': storageAdd,
  'resource-get': resourceGet,
} as const;
