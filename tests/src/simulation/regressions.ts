import type { Plan, Trouble } from '#src/simulation';

/** One gateway with its Grafana, a Tempo of one unit and a Mimir of two that register there. */
function tempoAndMimir(troubles: readonly Trouble[], over: Partial<Plan> = {}): Plan {
  const datasource = {
    charm: 'crosslink',
    letter: 'b',
    perUnit: true,
    secret: false,
    prefers: null,
  } as const;
  return {
    schedule: 0,
    concurrency: 1,
    quarrels: false,
    grafanas: [{ version: '12.1.0', foreign: 0 }],
    gateways: [{ charm: 'crosslink', letter: 'a', grafana: 0, units: 1, correlations: false }],
    datasources: [
      { ...datasource, type: 'tempo', units: 1 },
      { ...datasource, type: 'mimir', units: 2 },
    ],
    registrations: [
      [0, 0],
      [1, 0],
    ],
    exchanges: [],
    troubles,
    ...over,
  };
}

const tempoAlone: Partial<Plan> = {
  datasources: [
    { charm: 'crosslink', letter: 'a', type: 'tempo', units: 1, perUnit: true, secret: false, prefers: null },
  ],
  registrations: [[0, 0]],
};
const atRest = 100_000;

/**
 * Plans that failed, as short as they were found to fail; each fails again without what mended it. Seeds are not kept:
 * one means another plan as soon as there is more to plan.
 */
export const regressions: readonly { readonly what: string; readonly plan: Plan }[] = [
  {
    what: "a gateway's unit goes at the same time as one of its relations: the others' datasources stay",
    plan: tempoAndMimir([
      { after: 284, kind: 'remove-unit', unit: 0 },
      { after: 0, kind: 'unrelate', relation: 0 },
    ]),
  },
  {
    what: 'a relation is made again after Grafana was away: what its units had there stays until they have joined',
    plan: tempoAndMimir(
      [
        { after: atRest, kind: 'grafana', grafana: 0, mood: 'down', requests: 6 },
        { after: 0, kind: 'unrelate', relation: 0 },
        { after: atRest, kind: 'relate-again', relation: 0 },
      ],
      tempoAlone,
    ),
  },
  {
    what: 'a revision of a secret is read by nobody while its config is wrong: it goes',
    plan: tempoAndMimir(
      [
        { after: 8, kind: 'rotate-secret', secret: 0 },
        { after: 10, kind: 'withhold-secret', secret: 0 },
      ],
      {
        gateways: [{ charm: 'nameless', letter: 'a', grafana: 0, units: 1, correlations: false }],
        datasources: [
          {
            charm: 'crosslink',
            letter: 'a',
            type: 'mimir',
            units: 1,
            perUnit: false,
            secret: true,
            prefers: null,
          },
        ],
      },
    ),
  },
  {
    what: 'a unit is restarted amid a restart: it does not take leave',
    plan: tempoAndMimir([
      { after: atRest, kind: 'restart', unit: 1, pod: true },
      { after: 0, kind: 'restart', unit: 1, pod: false },
    ]),
  },
  {
    what: 'a relation is made again while the old one is dying: Juju refuses',
    plan: tempoAndMimir(
      [
        { after: 53, kind: 'lead', unit: 0 },
        { after: 12, kind: 'unrelate', relation: 0 },
        { after: 0, kind: 'relate-again', relation: 0 },
      ],
      tempoAlone,
    ),
  },
  {
    what: 'of two gateways that a datasource shares a secret with one is left: the old revision goes',
    plan: tempoAndMimir(
      [
        { after: 108, kind: 'misconfigure', app: 576, option: 438 },
        { after: 9, kind: 'unrelate', relation: 613 },
        { after: 87, kind: 'rotate-secret', secret: 731 },
      ],
      {
        grafanas: [
          { version: '11.2.0', foreign: 1 },
          { version: '12.1.0', foreign: 0 },
        ],
        gateways: [
          { charm: 'crosslink', letter: 'd', grafana: 287, units: 1, correlations: true },
          { charm: 'crosslink', letter: 'a', grafana: 850, units: 2, correlations: true },
        ],
        datasources: [
          {
            charm: 'crosslink',
            letter: 'd',
            type: 'prometheus',
            units: 1,
            perUnit: true,
            secret: true,
            prefers: 'c',
          },
        ],
        registrations: [
          [3, 0],
          [3, 1],
        ],
      },
    ),
  },
];
