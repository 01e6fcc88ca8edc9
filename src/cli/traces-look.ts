import { Interrupted, UsageError } from '#src/local';
import { columns } from '#src/text';
import {
  findTrace,
  findTraces,
  openTraces,
  recentTraces,
  summaryOf,
  type TraceReader,
  type TraceSummary,
} from '#src/traces';
import { Interruption } from './interruption.ts';
import { print } from './output.ts';
import { parseOptions } from './parse-options.ts';
import { listJson, traceJson } from './traces-json.ts';
import { durationOf, fileOf, folderOf, folderOption, onlyPositional } from './traces-options.ts';
import { wrong } from './traces-refusal.ts';
import { listText, treeText } from './traces-text.ts';

const readOptions = {
  ...folderOption,
  json: { type: 'boolean', default: false },
  server: { type: 'string' },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  tenant: { type: 'string' },
} as const;

const listOptions = {
  ...readOptions,
  service: { type: 'string' },
  operation: { type: 'string' },
  tag: { type: 'string', multiple: true },
  errors: { type: 'boolean', default: false },
  since: { type: 'string' },
  'min-duration': { type: 'string' },
  'max-duration': { type: 'string' },
  limit: { type: 'string', default: '20' },
} as const;

const showOptions = { ...readOptions, attributes: { type: 'boolean', default: false } } as const;

interface ReadValues {
  readonly folder?: string | undefined;
  readonly server?: string | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly tenant?: string | undefined;
}

/** @returns the exit code: 0, also when there are none */
export async function listCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions('traces', args, listOptions);
  const [extra] = positionals;
  if (extra !== undefined) throw wrong(`crosslink traces list takes no '${extra}'`);
  const { service, operation, errors, json } = values;
  const now = Date.now();
  const age = durationOf('--since', values.since);
  const wanted = {
    service,
    operation,
    errors,
    tags: (values.tag ?? []).map(tagOf),
    since: age === undefined ? undefined : BigInt(now) * 1_000_000n - age,
    minDuration: durationOf('--min-duration', values['min-duration']),
    maxDuration: durationOf('--max-duration', values['max-duration']),
    limit: limitOf(values.limit),
  };
  return reading(values, async (reader) => {
    const found: TraceSummary[] = [];
    for await (const trace of findTraces(reader, wanted)) found.push(summaryOf(trace));
    if (json) await print(listJson(found));
    else if (found.length > 0) await print(listText(found, { now, width: width() }));
    else process.stderr.write('no traces are like that\n');
    return 0;
  });
}

/** @returns the exit code: 0, or 1 when there is no such trace, or several begin so */
export async function showCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions('traces', args, showOptions);
  const id = onlyPositional('show', 'the id of a trace, or how one begins', positionals);
  if (!/^[\da-fA-F]{1,32}$/.test(id))
    throw wrong(`'${id}' is no id of a trace, which has hex digits, at most 32`);
  const { json, attributes } = values;
  return reading(values, async (reader) => {
    const found = await findTrace(reader, id);
    if (found.kind === 'found') {
      await print(json ? traceJson(found.trace) : treeText(found.trace, { width: width(), attributes }));
      return 0;
    }
    process.stderr.write(`crosslink: ${notFound(id, found)}\n`);
    return 1;
  });
}

function notFound(id: string, found: { kind: 'none' } | { kind: 'several'; ids: readonly string[] }): string {
  if (found.kind === 'none') {
    const among = id.length === 32 ? '' : ` among the newest ${recentTraces}`;
    return `there is no trace ${id}${among}; crosslink traces list shows what there is`;
  }
  const shown = found.ids.slice(0, 5).map((one) => `\n  ${one}`);
  const more = found.ids.length > 5 ? `\n  and ${found.ids.length - 5} more` : '';
  return `${found.ids.length} traces begin with ${id}:${shown.join('')}${more}`;
}

async function reading(values: ReadValues, look: (reader: TraceReader) => Promise<number>): Promise<number> {
  const { server, tenant = '' } = values;
  if (server !== undefined && values.folder !== undefined) throw wrong('--server and --folder: one of them');
  const tls = await tlsOf(values);
  using interruption = new Interruption();
  const { signal } = interruption;
  try {
    await using reader = await openTraces({ folder: folderOf(values), server, tls, tenant, signal });
    return await look(reader);
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    // The store's words are for people: a server that is away, a folder that is damaged.
    if (error instanceof Error && error.name === 'TraceStoreError') {
      throw new UsageError(error.message, { cause: error });
    }
    throw error;
  }
}

async function tlsOf({ ca, cert, key }: ReadValues) {
  if (cert === undefined && key === undefined) {
    return ca === undefined ? undefined : { ca: await fileOf('--ca', ca) };
  }
  if (cert === undefined || key === undefined) throw wrong('--cert and --key go together');
  return {
    ...(ca !== undefined && { ca: await fileOf('--ca', ca) }),
    cert: await fileOf('--cert', cert),
    key: await fileOf('--key', key),
  };
}

function tagOf(text: string): { key: string; value: string } {
  const at = text.indexOf('=');
  if (at < 1) throw wrong(`--tag takes KEY=VALUE, not '${text}'`);
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}

function limitOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 10_000) return Number(text);
  throw wrong(`--limit takes a number from 1 to 10000, not '${text}'`);
}

/** A wider terminal has room for longer names. */
function width(): number {
  return Math.min(Math.max(process.stdout.columns ?? columns, columns), 160);
}
