import { readFile } from 'node:fs/promises';
import { argv, stdin } from 'node:process';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { reasonFor, skippedCases } from './skipped-cases.ts';

/**
 * Reads what `go test -json` prints of Jaeger's suites, shows a line for each case and all that a failed one has said, and
 * ends with 'N passed, N failed'. A case that is skipped has to be one of the README's table, and is shown with the reason
 * given there; any other counts as failed. So does what begins and never ends, and a run without a single test.
 */

/** @see go doc test2json */
const Event = z.object({
  Action: z.string(),
  ImportPath: z.string().optional(),
  Test: z.string().optional(),
  Elapsed: z.number().optional(),
  Output: z.string().optional(),
});
type Event = z.infer<typeof Event>;

/** Of what a test says: enough for the first trouble, where traces of thousands of spans are printed. */
const mostOutput = 20_000;

const skipped = skippedCases(await readFile(argv[2] ?? '', 'utf8'));
const output = new Map<string, string[]>();
const running = new Set<string>();
/** Those of which a subtest has begun, or has failed. */
const parents = new Set<string>();
const blamed = new Set<string>();
/** What only holds subtests: all of a suite, or all of it with one engine. FindTraces, say, does things of its own. */
const holder = /^[^/]+(\/(sqlite|memory))?$/;
let passed = 0;
let failed = 0;
let packageFailed = false;

for await (const line of createInterface({ input: stdin })) {
  const event = eventOf(line);
  if (event === undefined) console.log(line);
  else take(event);
}
for (const test of running) fail(test, 'did not end');
if (packageFailed && failed === 0) fail('', 'a package failed, and none of its tests');
if (passed + failed === 0) fail('', 'there was no test');
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function eventOf(line: string): Event | undefined {
  try {
    return Event.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function take({ Action, ImportPath, Test = '', Elapsed = 0, Output = '' }: Event): void {
  switch (Action) {
    case 'output':
    case 'build-output':
      said(Test).push(Output);
      return;
    case 'build-fail':
      fail('', `${ImportPath} does not build`);
      return;
    case 'run':
      running.add(Test);
      for (const parent of parentsOf(Test)) parents.add(parent);
      return;
    case 'pass':
    case 'skip':
    case 'fail':
      running.delete(Test);
      end(Test, Action, Elapsed);
  }
}

function end(test: string, how: 'pass' | 'skip' | 'fail', seconds: number): void {
  if (test === '') {
    packageFailed ||= how === 'fail';
    return;
  }
  if (how === 'fail') {
    if (!blamed.has(test)) fail(test, `${seconds} s`);
    return;
  }
  if (parents.has(test) && holder.test(test)) return;
  output.delete(test);
  if (how === 'pass') {
    passed++;
    console.log(`  ✔ ${test} (${seconds} s)`);
    return;
  }
  const reason = reasonFor(test, skipped);
  if (reason === undefined) fail(test, 'was skipped, for a reason that the README does not tell');
  else console.log(`  skipped: ${test}: ${reason}`);
}

function parentsOf(test: string): readonly string[] {
  const parts = test.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** What a test has said, or, under '', its package. */
function said(test: string): string[] {
  const before = output.get(test);
  if (before !== undefined) return before;
  const lines: string[] = [];
  output.set(test, lines);
  return lines;
}

function fail(test: string, why: string): void {
  failed++;
  for (const parent of parentsOf(test)) blamed.add(parent);
  console.log(`  ✘ ${test} (${why})\n${said(test).join('').slice(0, mostOutput)}`);
}
