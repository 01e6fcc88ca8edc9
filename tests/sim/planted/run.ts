/**
 * Plants bugs in the charm, one at a time, and lets the simulation look for each of them: what it can't find it would
 * not find either if somebody wrote it.
 *
 *   npm run sim:planted                              every bug, after the charm as it is
 *   npm run sim:planted -- adopts copies-are-ours    some
 *   npm run sim:planted -- --worlds 1000             fewer worlds for each; 3000 by default
 *   npm run sim:planted -- --first 5000               other worlds; from seed 1 on by default
 *   npm run sim:planted -- --clean 0                 without the charm as it is
 *   npm run sim:planted -- --record                  as if no world were known, and writes down which found each
 *
 * The world that found a bug last time is looked at first, and all of them, from the first on, where it does so no more:
 * what there is to draw in a world has changed then. known-worlds.json is made by --record.
 *
 * Prints which world found each of them, and by what. A hook that fails finds only a bug that is about that: any other
 * patch is broken then. Ends with a line `N passed, N failed`, and with 1 when a bug
 * escapes, or something is found in a charm without one.
 */
import { fork } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { bugs, type PlantedBug } from './bugs/index.ts';
import type { Found } from './found.ts';
import { root } from './plant.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    worlds: { type: 'string', default: '3000' },
    first: { type: 'string', default: '1' },
    clean: { type: 'string', default: '200' },
    record: { type: 'boolean', default: false },
    processes: { type: 'string', default: String(Math.min(2, availableParallelism())) },
  },
});
const worlds = whole('worlds');
const first = whole('first');
const clean = whole('clean');
const unknown = positionals.filter((name) => !bugs.some((bug) => bug.name === name));
if (unknown.length > 0) {
  console.error(`no such bug: ${unknown.join(', ')}; there are ${bugs.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const chosen = bugs.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const knownFile = new URL('known-worlds.json', import.meta.url);
const known = values.record
  ? {}
  : z.record(z.string(), z.int().positive()).parse(JSON.parse(await readFile(knownFile, 'utf8')));
const recorded: Record<string, number> = {};
const isCrash = /^the simulation fails|exits with \d+: only a bug/;
let passed = 0;
let failed = 0;

// A harness that is broken would find something in every charm: so first one without a bug, by the same way.
const isSound = clean === 0 || (await soundCharm());
if (isSound) await inTurn(chosen, whole('processes'), huntOf);
if (values.record && chosen.length === bugs.length && failed === 0) {
  const inOrder = bugs.map(({ name }) => [name, recorded[name]]);
  await writeFile(knownFile, `${JSON.stringify(Object.fromEntries(inOrder), undefined, 2)}\n`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && (passed > 0 || clean === 0) ? 0 : 1;

async function soundCharm(): Promise<boolean> {
  const halves = [
    [first, Math.ceil(clean / 2)],
    [first + Math.ceil(clean / 2), Math.floor(clean / 2)],
  ] as const;
  const ends = await Promise.all(halves.map(([from, count]) => hunt('-', from, count)));
  const bad = ends.find((end) => 'trouble' in end || end.found !== null);
  tell(bad === undefined, 'no bug', bad === undefined ? `nothing found in ${clean} worlds` : textOf(bad));
  return bad === undefined;
}

async function huntOf({ name, crashes }: PlantedBug): Promise<void> {
  const end = await hunt(name, first, worlds, known[name]);
  const found = 'found' in end ? end.found : null;
  if (found !== null) recorded[name] = found.seed;
  const isBroken = found !== null && crashes !== true && isCrash.test(found.problem);
  tell(found !== null && !isBroken, name, isBroken ? `its patch crashes: ${textOf(end)}` : textOf(end));
}

/** What a hunt came to: what was found, null for nothing, or why it came to nothing. */
type End = { readonly found: Found | null } | { readonly trouble: string };

function textOf(end: End): string {
  if ('trouble' in end) return end.trouble;
  return end.found === null ? `escapes ${worlds} worlds` : `${end.found.seed} ${reason(end.found.problem)}`;
}

/** @returns what a problem says, without who and where */
function reason(problem: string): string {
  const plain = problem.replace(/^\S+ (says on relation \d+|in Grafana \d+): /, '').replaceAll(/\s+/g, ' ');
  return plain.replace(/^(the simulation fails: \S+ [^/]*).*$/, '$1');
}

function hunt(name: string, from: number, count: number, first?: number): Promise<End> {
  const { promise, resolve } = Promise.withResolvers<End>();
  const args = [name, from, count, ...(first === undefined ? [] : [first])].map(String);
  const child = fork(fileURLToPath(new URL('hunt.ts', import.meta.url)), args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  let end: End | undefined;
  child.on('message', (found) => {
    end = { found: found as Found | null };
  });
  child.on('close', (code) => {
    const why = /^\w*Error: .*$/m.exec(errors)?.[0] ?? `its process ends with ${code}`;
    resolve(code === 0 && end !== undefined ? end : { trouble: why });
  });
  return promise;
}

/** At most 80 columns. */
function tell(isGood: boolean, name: string, text: string): void {
  if (isGood) passed += 1;
  else failed += 1;
  const line = `${isGood ? 'ok    ' : 'FAILED'} ${name.padEnd(25)} ${text}`;
  console.log(line.length > 80 ? `${line.slice(0, 77)}...` : line);
}

/** @param most - how many at one time */
async function inTurn<T>(all: readonly T[], most: number, work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const next = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: Math.max(1, most) }, next));
}

/** A run of no worlds at all would find nothing. */
function whole(option: 'worlds' | 'first' | 'clean' | 'processes'): number {
  const text = values[option];
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`--${option} takes a whole number, not '${text}'`);
  process.exit(2);
}
