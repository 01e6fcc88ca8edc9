import { once } from 'node:events';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { createLogger } from '#lib/go-plugin';
import {
  leastBytes,
  parseSize,
  type ServeOptions,
  serveTraces,
  splitAddress,
  type TraceServing,
} from '#src/traces';
import { Interruption } from './interruption.ts';
import { parseOptions } from './parse-options.ts';
import { CountsLine } from './traces-counts.ts';
import { durationOf, fileOf, folderOf, folderOption } from './traces-options.ts';
import { wrong } from './traces-refusal.ts';

/** Jaeger's port for a remote storage, and OTLP's. */
const storageAddresses = ['127.0.0.1:17271', '127.0.0.1:4317'];

const options = {
  ...folderOption,
  http: { type: 'string', default: '127.0.0.1:4318' },
  grpc: { type: 'string', multiple: true },
  archive: { type: 'string', multiple: true },
  memory: { type: 'boolean', default: false },
  retention: { type: 'string' },
  'max-size': { type: 'string' },
  durability: { type: 'string', default: 'process' },
  tenant: { type: 'string', multiple: true },
  'tenant-header': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-client-ca': { type: 'string' },
} as const;

/** @returns the exit code, after Ctrl-C */
export async function serveCommand(args: readonly string[]): Promise<number> {
  const wanted = await readOptions(args);
  // It prints for itself what is thrown as well.
  setLogVerbosity(logVerbosity.NONE);
  const line = new CountsLine(process.stderr);
  using interrupted = new Interruption();
  const serving = await serveTraces(wanted);
  process.stderr.write(banner(wanted, serving));
  const stopCounting = line.follow(() => serving.counts());
  if (!interrupted.signal.aborted) await once(interrupted.signal, 'abort');
  await stopCounting();
  await serving.stop();
  return 0;
}

function banner({ folder }: ServeOptions, { httpUrl, grpc, archive }: TraceServing): string {
  const [first, ...more] = grpc;
  return [
    `Traces are kept ${folder === undefined ? 'in memory, until this ends' : `in ${folder}`}`,
    `  OTLP over HTTP       ${httpUrl}`,
    `  Jaeger storage, OTLP ${first}`,
    ...more.map((address) => `                       ${address}`),
    ...archive.map((address) => `  its archive          ${address}`),
    'Ctrl-C ends it.',
    '',
  ].join('\n');
}

async function readOptions(args: readonly string[]): Promise<ServeOptions> {
  const { values, positionals } = parseOptions('traces', args, options);
  const [extra] = positionals;
  if (extra !== undefined) throw wrong(`crosslink traces serve takes no '${extra}'`);
  const { memory, durability, http, grpc = storageAddresses, archive = [] } = values;
  if (durability !== 'process' && durability !== 'power') {
    throw wrong(`--durability takes process or power, not '${durability}'`);
  }
  if (memory) {
    const others = (['folder', 'retention', 'max-size'] as const).filter((one) => values[one] !== undefined);
    if (others[0] !== undefined) throw wrong(`--memory goes without --${others[0]}`);
  }
  splitAddress('--http', http);
  for (const address of grpc) splitAddress('--grpc', address);
  for (const address of archive) splitAddress('--archive', address);
  const age = durationOf('--retention', values.retention);
  if (age === 0n) throw wrong('--retention takes more than nothing');
  return {
    folder: memory ? undefined : folderOf(values),
    http,
    grpc,
    archive,
    durability,
    retention: {
      maxAgeMs: age === undefined ? undefined : Math.ceil(Number(age) / 1e6),
      maxBytes: maxBytes(values['max-size']),
    },
    tls: await tlsOf(values['tls-cert'], values['tls-key'], values['tls-client-ca']),
    tenancy: tenancyOf(values.tenant ?? [], values['tenant-header']),
    log: createLogger({ level: 'warn' }),
  };
}

function maxBytes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const size = parseSize(text);
  if (size === undefined) throw wrong(`--max-size takes a size such as 500MB or 10GB, not '${text}'`);
  if (size < leastBytes) throw wrong('--max-size takes at least 64MB');
  return size;
}

function tenancyOf(tenants: readonly string[], header: string | undefined) {
  if (tenants.length === 0 && header === undefined) return undefined;
  if (tenants.includes('')) throw wrong('--tenant takes a name');
  return { ...(header !== undefined && { header }), ...(tenants.length > 0 && { tenants }) };
}

async function tlsOf(cert: string | undefined, key: string | undefined, clientCa: string | undefined) {
  if (cert === undefined && key === undefined && clientCa === undefined) return undefined;
  if (cert === undefined || key === undefined) throw wrong('--tls-cert and --tls-key go together');
  return {
    cert: await fileOf('--tls-cert', cert),
    key: await fileOf('--tls-key', key),
    clientCa: clientCa === undefined ? undefined : await fileOf('--tls-client-ca', clientCa),
  };
}
