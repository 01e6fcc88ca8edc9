import { stdin } from 'node:process';
import { createInterface } from 'node:readline';
import * as z from 'zod';

/** @see go doc test2json */
const Event = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  ImportPath: z.string().optional(),
  Test: z.string().optional(),
  Elapsed: z.number().optional(),
  Output: z.string().optional(),
});
export type GoTestEvent = z.infer<typeof Event>;

/**
 * Adds up what `go test -json` prints: a line for each test, all that a failed one has said, and 'N passed, N failed' at the
 * end. What begins and never ends has failed, as when the program panics; so has a package that does not build, and a run
 * without a single test.
 */
export class GoTestRun {
  /** A package has failed; if none of its tests has, that is one failure. */
  packageFailed = false;
  readonly #mostOutput: number;
  readonly #output = new Map<string, string[]>();
  readonly #running = new Set<string>();
  #passed = 0;
  #failed = 0;

  /** @param mostOutput - characters of what a failed test has said */
  constructor(mostOutput = Number.POSITIVE_INFINITY) {
    this.#mostOutput = mostOutput;
  }

  /**
   * Reads standard input to its end, and sets the exit code.
   * @param nameOf - under which name what a test says is kept
   * @param take - is given what is neither said nor built: 'run', 'pass', 'skip', 'fail' and others of go's
   */
  async read(nameOf: (test: string) => string, take: (event: GoTestEvent) => void): Promise<void> {
    for await (const line of createInterface({ input: stdin })) {
      const event = eventOf(line);
      if (event === undefined) console.log(line);
      else if (event.Action === 'output' || event.Action === 'build-output')
        this.#said(nameOf(event.Test ?? '')).push(event.Output ?? '');
      else if (event.Action === 'build-fail') this.fail('', `${event.ImportPath} does not build`);
      else take(event);
    }
    for (const test of this.#running) this.fail(test, 'did not end');
    if (this.packageFailed && this.#failed === 0) this.fail('', 'a package failed, and none of its tests');
    if (this.#passed + this.#failed === 0) this.fail('', 'there was no test');
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    process.exitCode = this.#failed === 0 ? 0 : 1;
  }

  began(test: string): void {
    this.#running.add(test);
  }

  /** However: what it is then counted as is another call. */
  ended(test: string): void {
    this.#running.delete(test);
  }

  pass(test: string, seconds: number): void {
    this.#passed++;
    this.forget(test);
    console.log(`  ✔ ${test} (${seconds} s)`);
  }

  skip(test: string, why: string): void {
    this.forget(test);
    console.log(`  skipped: ${test}${why}`);
  }

  fail(test: string, why: string): void {
    this.#failed++;
    console.log(`  ✘ ${test} (${why})\n${this.#said(test).join('').slice(0, this.#mostOutput)}`);
  }

  /** What it has said. */
  forget(test: string): void {
    this.#output.delete(test);
  }

  #said(test: string): string[] {
    const before = this.#output.get(test);
    if (before !== undefined) return before;
    const lines: string[] = [];
    this.#output.set(test, lines);
    return lines;
  }
}

function eventOf(line: string): GoTestEvent | undefined {
  try {
    return Event.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
