import fc from 'fast-check';
import { datasourceKinds, garbages, handiworks, moods, type Plan, type Trouble } from './plan.ts';

const which = fc.nat(999);
/** Few, so that the letter that an operator prefers is often one that somebody has. */
const letter = fc.constantFrom(...'abcdef');
const versions = ['9.4.7', '10.4.1', '11.2.0', '12.1.0'] as const;

/** Mostly one. */
const few = (most: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 24, arbitrary: fc.constant(1) },
    { weight: 6, arbitrary: fc.constant(2) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: most }) },
  );
const list = <T>(of: fc.Arbitrary<T>, minLength: number, maxLength: number): fc.Arbitrary<T[]> =>
  fc.array(of, { minLength, maxLength, size: 'max' });
const seldom = (weight: number) =>
  fc.oneof({ weight, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });

/** Everyone with everyone, as far as there are so many. */
const pairs = (most: number, others: number): (readonly [number, number])[] =>
  Array.from({ length: most * others }, (_, n) => [n % most, Math.floor(n / most)] as const);

const grafana = fc.record({
  version: fc.constantFrom(...versions),
  foreign: fc.integer({ min: 0, max: 2 }),
});
const gateway = (units: fc.Arbitrary<number>) =>
  fc.record({
    charm: fc.oneof(
      { weight: 10, arbitrary: fc.constant('crosslink' as const) },
      { weight: 1, arbitrary: fc.constant('names' as const) },
      { weight: 1, arbitrary: fc.constant('nameless' as const) },
    ),
    letter,
    grafana: which,
    units,
    correlations: seldom(2),
  });
const datasource = (units: fc.Arbitrary<number>) =>
  fc.record({
    charm: fc.oneof(
      { weight: 5, arbitrary: fc.constant('crosslink' as const) },
      { weight: 1, arbitrary: fc.constant('legacy' as const) },
    ),
    letter,
    type: fc.constantFrom('tempo', 'tempo', 'prometheus', 'loki', 'loki', ...datasourceKinds),
    units,
    perUnit: fc.boolean(),
    secret: seldom(3),
    prefers: fc.option(letter, { freq: 8 }),
  });

type Kind = Trouble['kind'];
const parts: { readonly [K in Kind]: Record<string, fc.Arbitrary<unknown>> } = {
  'add-unit': { app: which },
  'remove-unit': { unit: which },
  'remove-application': { app: which },
  register: { datasource: which, gateway: which },
  exchange: { sends: which, receives: which },
  unrelate: { relation: which },
  'relate-again': { relation: which },
  lead: { unit: which },
  kill: { hook: which, afterCommit: seldom(3) },
  configure: { app: which, option: which, value: which },
  misconfigure: { app: which, option: which },
  'rotate-secret': { secret: which },
  'withhold-secret': { secret: which },
  upgrade: { app: which },
  restart: { unit: which, pod: fc.boolean() },
  'update-status': { unit: which },
  grafana: { grafana: which, mood: fc.constantFrom(...moods), requests: fc.integer({ min: 1, max: 6 }) },
  hand: { grafana: which, datasource: which, work: fc.constantFrom(...handiworks) },
  backup: { grafana: which },
  restore: { grafana: which },
  garbage: { app: which, garbage: fc.constantFrom(...garbages) },
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

/** How many there are at most. */
interface Most {
  readonly grafanas: number;
  readonly gateways: number;
  readonly datasources: number;
  readonly units: fc.Arbitrary<number>;
  readonly troubles: number;
}

const world = ({ grafanas, gateways, datasources, units, troubles }: Most): fc.Arbitrary<Plan> =>
  fc.record({
    schedule: fc.nat(),
    concurrency: fc.integer({ min: 1, max: 4 }),
    quarrels: seldom(15),
    grafanas: list(grafana, 1, grafanas),
    gateways: list(gateway(units), 1, gateways),
    datasources: list(datasource(units), 1, datasources),
    registrations: fc.oneof(
      list(fc.tuple(which, which), 0, 2 * datasources),
      fc.subarray(pairs(datasources, gateways)),
      fc.constant(pairs(datasources, gateways)),
    ),
    exchanges: fc.oneof(
      list(fc.tuple(which, which), 0, 2 * datasources),
      fc.subarray(pairs(datasources, Math.min(3, datasources))),
      fc.constant(pairs(datasources, Math.min(3, datasources)).filter(([one, other]) => one < other)),
    ),
    troubles: list(trouble, 0, troubles),
  });

/**
 * Every plan that there can be: 1 to 4 Grafanas, 1 to 12 applications of datasources with 1 to 8 units each. Most
 * worlds are small, since most bugs need few things to show, and small worlds are many.
 */
export const anyPlan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 40, arbitrary: world({ grafanas: 1, gateways: 1, datasources: 2, units: few(2), troubles: 4 }) },
  { weight: 40, arbitrary: world({ grafanas: 2, gateways: 2, datasources: 3, units: few(3), troubles: 4 }) },
  { weight: 15, arbitrary: world({ grafanas: 2, gateways: 3, datasources: 4, units: few(4), troubles: 10 }) },
  { weight: 1, arbitrary: world({ grafanas: 4, gateways: 4, datasources: 12, units: few(8), troubles: 30 }) },
  {
    weight: 1,
    arbitrary: world({
      grafanas: 1,
      gateways: 1,
      datasources: 3,
      units: fc.integer({ min: 1, max: 8 }),
      troubles: 10,
    }),
  },
);
