import { stdin } from 'node:process';
import { createInterface } from 'node:readline';
import * as z from 'zod';

/**
 * Reads what `go test -json` prints, shows a line for each test and all that a failed one has said, and ends with
 * 'N passed, N failed'. What begins and never ends has failed, as when the program panics; so has a package that does
 * not build, and a run without a single test.
 */

/** @see go doc test2json */
const Event = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  ImportPath: z.string().optional(),
  Test: z.string().optional(),
  Elapsed: z.number().optional(),
  Output: z.string().optional(),
});
type Event = z.infer<typeof Event>;

const output = new Map<string, string[]>();
const running = new Set<string>();
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

function take({ Action, Package, ImportPath, Test, Elapsed = 0, Output = '' }: Event): void {
  // A test's subtests are part of it.
  const test = Test?.split('/', 1)[0] ?? '';
  const isWhole = Test !== undefined && Test === test;
  switch (Action) {
    case 'output':
    case 'build-output':
      said(test).push(Output);
      break;
    case 'build-fail':
      fail('', `${ImportPath} does not build`);
      break;
    case 'run':
      if (isWhole) running.add(test);
      break;
    case 'pass':
    case 'skip':
      if (!isWhole) break;
      if (Action === 'pass') passed++;
      running.delete(test);
      output.delete(test);
      console.log(`  ${Action === 'pass' ? '✔' : 'skipped:'} ${test} (${Elapsed} s)`);
      break;
    case 'fail':
      if (isWhole) {
        running.delete(test);
        fail(test, `${Elapsed} s`);
      } else if (Test === undefined) {
        packageFailed = true;
        console.log(`  ${Package} failed`);
      }
  }
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
  console.log(`  ✘ ${test} (${why})\n${said(test).join('')}`);
}
