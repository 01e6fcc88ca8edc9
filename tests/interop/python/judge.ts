import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { projectFolder } from '#src/local';
import type { Bag, Bags } from './world.ts';

export type Interface = 'grafana_datasource' | 'grafana_datasource_exchange';
export type Role = 'provider' | 'requirer';

/** The virtual environment that `./setup` made. */
function virtualEnvironment(): string {
  const folder = process.env.CROSSLINK_PYTHON;
  if (folder === undefined) throw new Error('CROSSLINK_PYTHON is not set: run tests/interop/python/run');
  return folder;
}

/**
 * Puts questions to judge.py, in one process for all of them.
 * @returns the answers, in the order of the questions
 */
async function ask(questions: readonly object[]): Promise<unknown[]> {
  const python = spawn(join(virtualEnvironment(), 'bin/python'), [join(import.meta.dirname, 'judge.py')], {
    env: { PYTHONPYCACHEPREFIX: join(projectFolder, '.cache/python-bytecode') },
  });
  const exited = once(python, 'close');
  python.stdin.end(JSON.stringify(questions));
  const [stdout, stderr, [code]] = await Promise.all([text(python.stdout), text(python.stderr), exited]);
  if (code !== 0) throw new Error(`judge.py ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout);
}

/** What the published schema has against the databags, as `where: what`; one list for each of `judged`. */
export function againstSchema(
  judged: readonly { readonly interface: Interface; readonly role: Role; readonly bags: Bags }[],
): Promise<string[][]> {
  const questions = judged.map(({ bags, ...rest }) => ({ ask: 'schema', ...rest, ...bags }));
  return ask(questions) as Promise<string[][]>;
}

/** @returns the same JSON as Python's `json.dumps` writes it, for each text */
export function pythonDumps(texts: readonly string[]): Promise<string[]> {
  return ask(texts.map((text) => ({ ask: 'dumps', text }))) as Promise<string[]>;
}

/** @returns `grafana_source_data` as the charm library makes it of these arguments */
export async function pythonSourceData(fields: object): Promise<string> {
  const [answer] = await ask([{ ask: 'source_data', ...fields }]);
  return answer as string;
}

/** @returns the databag that cosl writes for each list of datasources */
export function coslDump(lists: readonly (readonly object[])[]): Promise<Bag[]> {
  return ask(lists.map((datasources) => ({ ask: 'exchange_dump', datasources }))) as Promise<Bag[]>;
}

/** @returns what cosl reads in each databag; null where it refuses all of it */
export function coslLoad(databags: readonly Bag[]): Promise<(readonly object[] | null)[]> {
  const questions = databags.map((databag) => ({ ask: 'exchange_load', databag }));
  return ask(questions) as Promise<(readonly object[] | null)[]>;
}

/** @returns the databag with which the charm library `tracing` asks for these protocols */
export async function pythonTracingRequest(protocols: readonly string[]): Promise<Bag> {
  const [answer] = await ask([{ ask: 'tracing_request_dump', protocols }]);
  return answer as Bag;
}

/** @returns the protocols that it reads in each databag; null where it refuses it */
export function readByPythonTracingProvider(databags: readonly Bag[]): Promise<(string[] | null)[]> {
  return ask(databags.map((databag) => ({ ask: 'tracing_request_load', databag }))) as Promise<
    (string[] | null)[]
  >;
}

/** A receiver as `[protocol, transport, url]`. */
export type PlainReceiver = readonly [protocol: string, transport: string, url: string];

/** @returns the databag with which the charm library `tracing` answers, for each list of receivers */
export function pythonTracingAnswers(lists: readonly (readonly PlainReceiver[])[]): Promise<Bag[]> {
  return ask(lists.map((receivers) => ({ ask: 'tracing_answer_dump', receivers }))) as Promise<Bag[]>;
}

/** @returns the receivers that it reads in each databag; null where it refuses it */
export function readByPythonTracingRequirer(
  databags: readonly Bag[],
): Promise<(readonly PlainReceiver[] | null)[]> {
  const questions = databags.map((databag) => ({ ask: 'tracing_answer_load', databag }));
  return ask(questions) as Promise<(readonly PlainReceiver[] | null)[]>;
}

/** A span as the Python package opentelemetry-proto reads it. */
export interface PythonSpan {
  readonly trace: string;
  readonly span: string;
  readonly parent: string;
  readonly name: string;
  readonly kind: number;
  readonly status: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: string;
}

/** @returns the spans in each body of an OTLP request */
export function pythonSpans(bodies: readonly Uint8Array[]): Promise<PythonSpan[][]> {
  const questions = bodies.map((body) => ({
    ask: 'otlp_spans',
    body: Buffer.from(body).toString('base64'),
  }));
  return ask(questions) as Promise<PythonSpan[][]>;
}
