import { readFile } from 'node:fs/promises';
import { argv } from 'node:process';
import { GoTestRun } from '../go-test-run.ts';
import { reasonFor, skippedCases } from './skipped-cases.ts';

/**
 * Reads what `go test -json` prints of Jaeger's suites, and shows a line for each case. A case that is skipped has to be one
 * of the README's table, and is shown with the reason given there; any other counts as failed.
 */

/** Of what a test says: enough for the first trouble, where traces of thousands of spans are printed. */
const mostOutput = 20_000;

const skipped = skippedCases(await readFile(argv[2] ?? '', 'utf8'));
const run = new GoTestRun(mostOutput);
/** Those of which a subtest has begun, or has failed. */
const parents = new Set<string>();
const blamed = new Set<string>();
/** What only holds subtests: all of a suite, or all of it with one engine. FindTraces, say, does things of its own. */
const holder = /^[^/]+(\/(sqlite|memory))?$/;

await run.read(
  (test) => test,
  ({ Action, Test = '', Elapsed = 0 }) => {
    if (Action === 'run') {
      run.began(Test);
      for (const parent of parentsOf(Test)) parents.add(parent);
    } else if (Action === 'pass' || Action === 'skip' || Action === 'fail') {
      run.ended(Test);
      end(Test, Action, Elapsed);
    }
  },
);

function end(test: string, how: 'pass' | 'skip' | 'fail', seconds: number): void {
  if (test === '') {
    run.packageFailed ||= how === 'fail';
    return;
  }
  if (how === 'fail') {
    if (!blamed.has(test)) fail(test, `${seconds} s`);
    return;
  }
  if (parents.has(test) && holder.test(test)) return;
  if (how === 'pass') {
    run.pass(test, seconds);
    return;
  }
  const reason = reasonFor(test, skipped);
  if (reason === undefined) fail(test, 'was skipped, for a reason that the README does not tell');
  else run.skip(test, `: ${reason}`);
}

function fail(test: string, why: string): void {
  for (const parent of parentsOf(test)) blamed.add(parent);
  run.fail(test, why);
}

function parentsOf(test: string): readonly string[] {
  const parts = test.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
