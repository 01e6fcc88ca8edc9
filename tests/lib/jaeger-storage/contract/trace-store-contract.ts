import assert from 'node:assert/strict';
import type { SpanFormat, TraceStore } from '../../../../lib/jaeger-storage/trace-store.ts';
import { breadth } from './cases/breadth.ts';
import { jaegerSuites } from './cases/jaeger-suites.ts';
import { matchingRules } from './cases/matching-rules.ts';
import { names } from './cases/names.ts';
import { searches } from './cases/searches.ts';
import { values } from './cases/values.ts';
import { writing } from './cases/writing.ts';
import { type ContractCase, type ContractGroup, type Need, Trial } from './trial.ts';

export interface ContractOptions {
  /** Cases not to run, by their id ('B24') or for one format ('B24 (jaeger)'), and why. */
  readonly skip?: Readonly<Record<string, string>>;
  /** What the store, or the wire in front of it, can't do, and why: cases that need it do not run. */
  readonly lacks?: Readonly<Partial<Record<Need, string>>>;
}

const GROUPS: readonly ContractGroup[] = [
  jaegerSuites,
  searches,
  matchingRules,
  names,
  writing,
  values,
  breadth,
];
const FORMATS: readonly SpanFormat[] = ['otlp', 'jaeger'];

/**
 * What every store of traces has to do, as tests: Jaeger's own storage suites, the rules behind them, and what those
 * suites leave out. Cases have the numbers of the acceptance list: A1-A7 and C1-C7 are subtests of Jaeger's suites of
 * 1.x and 2.x, B1-B25 their searches, M1-M9 the rules of matching, U and a number what no suite of Jaeger tests.
 *
 * Everything is asked through {@link TraceStore}, so that a client of a server can be tested as well as the store behind
 * it: see {@link Need} for what a wire may lack. Not in here, because it is not about one store and its answers:
 * A9 (sampling, which stores of traces do not keep), recovery after a crash, retention, and who may see a bearer token.
 * @param open - gives a store with nothing in it, each time; it is closed after use
 */
export function traceStoreContract(
  name: string,
  open: () => Promise<TraceStore>,
  { skip = {}, lacks = {} }: ContractOptions = {},
): void {
  const used = new Set<string>();

  /** @returns why not to run it */
  function skipped(one: ContractCase, format: SpanFormat): string | undefined {
    for (const key of [one.id, `${one.id} (${format})`]) if (key in skip) used.add(key);
    const lacking = one.needs?.find((need) => lacks[need] !== undefined);
    return skip[one.id] ?? skip[`${one.id} (${format})`] ?? (lacking && lacks[lacking]);
  }

  suite(`trace store contract: ${name}`, () => {
    for (const group of GROUPS) {
      for (const format of FORMATS) {
        const cases = group.cases.filter(({ formats = FORMATS }) => formats.includes(format));
        suite(`${group.name} (${format})`, () => {
          let shared: Trial | undefined;
          if (group.setup !== undefined && cases.length > 0) {
            suiteSetup(async () => {
              shared = new Trial(await open(), format);
              await group.setup?.(shared);
            });
            suiteTeardown(() => shared?.store.close());
          }
          for (const one of cases) {
            const title = `${one.id} ${one.title}`;
            const why = skipped(one, format);
            if (why !== undefined) {
              test.skip(`${title}: ${why}`);
              continue;
            }
            test(title, async () => {
              if (shared !== undefined) return one.run(shared);
              const trial = new Trial(await open(), format);
              try {
                await one.run(trial);
              } finally {
                await trial.store.close();
              }
            });
          }
        });
      }
    }

    test('every case that is skipped is one of these', () => {
      assert.deepEqual([...used].sort(), Object.keys(skip).sort());
    });
  });
}
