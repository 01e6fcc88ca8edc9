import { isUtf8 } from 'node:buffer';
import {
  isUnitName,
  type SecretContent,
  type SecretMetadata,
  type SecretReference,
  type SecretRotation,
} from '#lib/juju';
import { noMore, type ParsedArgs, ToolFailure, usage } from './args.ts';
import { parseYamlStrings } from './key-values.ts';
import { optionalRelationId, relationFlag, relationId } from './relation-arg.ts';
import { smart, type Tool, type ToolCall, yamlFirst } from './tool.ts';

const rotations = ['never', 'hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const;
const metadataFlags = {
  label: { kind: 'string' },
  description: { kind: 'string' },
  owner: { kind: 'string' },
  rotate: { kind: 'string' },
  expire: { kind: 'string' },
  file: { kind: 'string' },
} as const;

const secretAdd: Tool = {
  flags: metadataFlags,
  formats: [],
  async run(call) {
    const { tools, args } = call;
    const content = await contentOf(call, args.positional);
    if (Object.keys(content).length === 0) throw usage('missing secret value or filename');
    const owner = ownerOf(args) ?? 'application';
    return { text: `${await tools.secretAdd(content, { ...metadataOf(args), owner })}\n` };
  },
};

const secretSet: Tool = {
  flags: metadataFlags,
  formats: [],
  async run(call) {
    const { tools, args } = call;
    const [uri, ...pairs] = args.positional;
    if (uri === undefined) throw usage('missing secret URI');
    const content = await contentOf(call, pairs);
    ownerOf(args);
    const changes = Object.keys(content).length > 0 ? { content } : {};
    await tools.secretSet(uri, { ...metadataOf(args), ...changes });
    return undefined;
  },
};

const secretGet: Tool = {
  flags: {
    label: { kind: 'string' },
    peek: { kind: 'bool' },
    refresh: { kind: 'bool' },
  },
  formats: yamlFirst,
  async run({ tools, args }) {
    const [first, second] = args.positional;
    noMore(args.positional, 2);
    const label = args.string('label');
    // With a label alone, the only argument that can follow is a key.
    const byLabel = label !== undefined && first !== undefined && second === undefined && !isSecretUri(first);
    const uri = byLabel ? undefined : first;
    const key = byLabel ? first : second;
    const [refresh, peek] = [args.bool('refresh'), args.bool('peek')];
    if (refresh && peek) throw usage('specify one of --peek or --refresh but not both');
    const content = await tools.secretGet(referenceOf(uri, label), { refresh, peek });
    return { value: key === undefined ? content : pick(content, key) };
  },
};

function isSecretUri(text: string): boolean {
  return /^(secret:(\/\/[^/]+\/)?)?[a-z0-9]{20}$/.test(text);
}

function pick(content: SecretContent, keyText: string): string {
  const [key = '', encoding] = keyText.split('#');
  if (!Object.hasOwn(content, key))
    throw new ToolFailure(`secret key value ${JSON.stringify(keyText)} not found`, 1);
  const value = content[key] ?? '';
  return encoding === 'base64' ? Buffer.from(value).toString('base64') : value;
}

function referenceOf(uri: string | undefined, label: string | undefined): SecretReference {
  if (uri !== undefined) return label === undefined ? { uri } : { uri, label };
  if (label === undefined) throw usage('require either a secret URI or label');
  return { label };
}

const secretInfoGet: Tool = {
  flags: { label: { kind: 'string' } },
  formats: yamlFirst,
  async run({ tools, args }) {
    noMore(args.positional, 1);
    const [uri] = args.positional;
    const { id, ...info } = await tools.secretInfoGet(referenceOf(uri, args.string('label')));
    return { value: { [id]: info } };
  },
};

const secretIds: Tool = {
  flags: {},
  formats: smart,
  async run({ tools, args }) {
    noMore(args.positional);
    const ids = await tools.secretIds();
    return { value: ids.length === 0 ? null : ids };
  },
};

const secretGrant: Tool = {
  flags: { ...relationFlag, unit: { kind: 'string' } },
  formats: [],
  async run({ tools, context, args }) {
    const [uri] = args.positional;
    if (uri === undefined) throw usage('missing secret URI');
    noMore(args.positional, 1);
    const unit = args.string('unit');
    if (unit !== undefined && !isUnitName(unit)) throw usage(`unit ${JSON.stringify(unit)} not valid`);
    await tools.secretGrant(uri, { relationId: relationId(args, context), ...(unit ? { unit } : {}) });
    return undefined;
  },
};

const secretRevoke: Tool = {
  flags: {
    ...relationFlag,
    app: { kind: 'string' },
    application: { kind: 'string' },
    unit: { kind: 'string' },
  },
  formats: [],
  async run({ tools, context, args }) {
    const [uri] = args.positional;
    if (uri === undefined) throw usage('missing secret URI');
    noMore(args.positional, 1);
    const [app, unit] = [args.string('app') ?? args.string('application'), args.string('unit')];
    const id = optionalRelationId(args);
    if (unit !== undefined) {
      if (!isUnitName(unit)) throw usage(`unit ${JSON.stringify(unit)} not valid`);
      await tools.secretRevoke(uri, { unit });
    } else if (app !== undefined) await tools.secretRevoke(uri, { app });
    else await tools.secretRevoke(uri, { relationId: id ?? relationId(args, context) });
    return undefined;
  },
};

const secretRemove: Tool = {
  flags: { revision: { kind: 'string' } },
  formats: [],
  async run({ tools, args }) {
    const [uri] = args.positional;
    if (uri === undefined) throw usage('missing secret URI');
    noMore(args.positional, 1);
    const text = args.string('revision');
    if (text !== undefined && !/^[0-9]+$/.test(text)) {
      throw usage(
        `invalid value ${JSON.stringify(text)} for option --revision: strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`,
      );
    }
    await tools.secretRemove(uri, text === undefined ? {} : { revision: Number(text) });
    return undefined;
  },
};

/** `k=v`, `k#base64=v`, `k#file=PATH`, over the content of `--file`. */
async function contentOf(call: ToolCall, pairs: readonly string[]): Promise<SecretContent> {
  const path = call.args.string('file');
  const content = path ? parseYamlStrings(await call.file(path)) : new Map<string, string>();
  for (const pair of pairs) {
    const [, key, form, value] = /^([^=#]+)(?:#(base64|file))?=([\s\S]*)$/.exec(pair) ?? [];
    if (key === undefined || value === undefined) throw usage(`key value ${JSON.stringify(pair)} not valid`);
    if (form === 'file') content.set(key, await call.context.readFile(value));
    else content.set(key, form === 'base64' ? textOf(key, Buffer.from(value, 'base64')) : value);
  }
  return Object.fromEntries(content);
}

/** Juju keeps any bytes; here a secret's values are text, and what is none must not be changed in silence. */
function textOf(key: string, bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  throw new ToolFailure(
    `value of ${JSON.stringify(key)} is no UTF-8, which the local model does not keep`,
    1,
  );
}

function metadataOf(args: ParsedArgs): SecretMetadata {
  const text = args.string('rotate');
  const rotate = rotations.find((one) => one === text);
  if (text !== undefined && !rotate) throw usage(`secret rotate policy ${JSON.stringify(text)} not valid`);
  const expire = args.string('expire');
  if (expire !== undefined && !isExpiry(expire))
    throw usage('expire time or duration not valid: '.concat(JSON.stringify(expire)));
  const given: {
    label?: string | undefined;
    description?: string | undefined;
    rotate?: SecretRotation | undefined;
    expire?: string | undefined;
  } = {
    label: args.string('label'),
    description: args.string('description'),
    rotate,
    expire,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** RFC 3339 (seconds, with or without zone) or a Go duration; a bare date is none. */
function isExpiry(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text) || /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text);
}

function ownerOf(args: ParsedArgs): 'application' | 'unit' | undefined {
  const text = args.string('owner');
  if (text === undefined || text === 'application' || text === 'unit') return text;
  throw usage(`secret owner ${JSON.stringify(text)} not valid`);
}

export const secretTools = {
  'secret-add': secretAdd,
  'secret-set': secretSet,
  'secret-get': secretGet,
  'secret-info-get': secretInfoGet,
  'secret-ids': secretIds,
  'secret-grant': secretGrant,
  'secret-revoke': secretRevoke,
  'secret-remove': secretRemove,
} as const;
