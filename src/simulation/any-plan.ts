import fc from 'fast-check';
import { datasourceKinds, garbages, handiworks, moods, type Plan, type Trouble } from './plan.ts';

const any = fc.nat(999);
/** Few, so that the letter that an operator prefers is often one that somebody has. */
const letter = fc.constantFrom(...'abcdef');
const versions = ['9.4.7', '10.4.1', '11.2.0', '12.1.0'] as const;

/** Most worlds are small, since most bugs need few things to show; each size up to the largest comes up. */
const few = (most: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 24, arbitrary: fc.constant(1) },
    { weight: 10, arbitrary: fc.constant(Math.min(2, most)) },
    { weight: 3, arbitrary: fc.constant(Math.min(3, most)) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: most }) },
  );
/** Lists up to a length that is mostly small; the pairs are of a weight and the longest that it stands for. */
const list = <T>(
  of: fc.Arbitrary<T>,
  minLength: number,
  ...lengths: readonly (readonly [weight: number, maxLength: number])[]
): fc.Arbitrary<T[]> =>
  fc.oneof(
    ...lengths.map(([weight, maxLength]) => ({
      weight,
      arbitrary: fc.array(of, { minLength, maxLength, size: 'max' }),
    })),
  );
const seldom = (weight: number) =>
  fc.oneof({ weight, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });

/** Everyone with everyone, as far as there are so many. */
const pairs = (most: number, others: number): (readonly [number, number])[] =>
  Array.from({ length: most * others }, (_, n) => [n % most, Math.floor(n / most)] as const);

const grafana = fc.record({
  version: fc.constantFrom(...versions),
  foreign: fc.integer({ min: 0, max: 2 }),
});
const gateway = fc.record({
  charm: fc.oneof(
    { weight: 10, arbitrary: fc.constant('crosslink' as const) },
    { weight: 1, arbitrary: fc.constant('names' as const) },
    { weight: 1, arbitrary: fc.constant('nameless' as const) },
  ),
  letter,
  grafana: any,
  units: few(8),
  correlations: seldom(2),
});
const datasource = fc.record({
  charm: fc.oneof(
    { weight: 5, arbitrary: fc.constant('crosslink' as const) },
    { weight: 1, arbitrary: fc.constant('legacy' as const) },
  ),
  letter,
  type: fc.constantFrom('tempo', 'tempo', 'prometheus', 'loki', 'loki', ...datasourceKinds),
  units: few(8),
  perUnit: fc.boolean(),
  secret: seldom(3),
  prefers: fc.option(letter, { freq: 8 }),
});

type Kind = Trouble['kind'];
const parts: { readonly [K in Kind]: Record<string, fc.Arbitrary<unknown>> } = {
  'add-unit': { app: any },
  'remove-unit': { unit: any },
  'remove-application': { app: any },
  register: { datasource: any, gateway: any },
  exchange: { sends: any, receives: any },
  unrelate: { relation: any },
  'relate-again': { relation: any },
  lead: { unit: any },
  kill: { hook: any, afterCommit: seldom(3) },
  configure: { app: any, option: any, value: any },
  misconfigure: { app: any, option: any },
  'rotate-secret': { secret: any },
  'withhold-secret': { secret: any },
  upgrade: { app: any },
  restart: { unit: any, pod: fc.boolean() },
  'update-status': { unit: any },
  grafana: { grafana: any, mood: fc.constantFrom(...moods), requests: fc.integer({ min: 1, max: 6 }) },
  hand: { grafana: any, datasource: any, work: fc.constantFrom(...handiworks) },
  backup: { grafana: any },
  restore: { grafana: any },
  garbage: { app: any, garbage: fc.constantFrom(...garbages) },
};
/** Mostly amid what else goes on; now and then when all is done. */
const after = fc.oneof(
  { weight: 5, arbitrary: fc.nat(12) },
  { weight: 3, arbitrary: fc.nat(150) },
  { weight: 2, arbitrary: fc.constant(100_000) },
);
const weights: Partial<Record<Kind, number>> = {
  kill: 6,
  grafana: 6,
  lead: 5,
  configure: 4,
  unrelate: 3,
  'relate-again': 3,
  hand: 5,
  'remove-application': 1,
};
const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  ...(Object.keys(parts) as Kind[]).map((kind) => ({
    weight: weights[kind] ?? 2,
    arbitrary: fc.record({
      after,
      kind: fc.constant(kind),
      ...parts[kind],
    }) as fc.Arbitrary<Trouble>,
  })),
);

/** Every plan that there can be: 1 to 4 Grafanas, 1 to 12 applications of datasources with 1 to 8 units each. */
export const anyPlan: fc.Arbitrary<Plan> = fc.record({
  schedule: fc.nat(),
  concurrency: fc.integer({ min: 1, max: 4 }),
  grafanas: list(grafana, 1, [8, 1], [3, 2], [1, 4]),
  gateways: list(gateway, 1, [6, 1], [4, 2], [1, 4]),
  datasources: fc.oneof(
    { weight: 5, arbitrary: list(datasource, 2, [12, 3], [4, 5], [1, 12]) },
    { weight: 1, arbitrary: list(datasource, 1, [1, 3]) },
  ),
  registrations: fc.oneof(
    list(fc.tuple(any, any), 0, [6, 4], [2, 8], [1, 24]),
    fc.subarray(pairs(4, 2)),
    fc.constant(pairs(4, 2)),
  ),
  exchanges: fc.oneof(
    list(fc.tuple(any, any), 0, [6, 3], [2, 6], [1, 20]),
    fc.subarray(pairs(3, 3)),
    fc.constant(pairs(3, 3).filter(([one, other]) => one < other)),
  ),
  troubles: list(trouble, 0, [6, 4], [3, 10], [1, 30]),
});
