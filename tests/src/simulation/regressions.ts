import type { Plan } from '#src/simulation';

/** Plans that failed, as short as they were found to fail. A seed would mean another plan as soon as there is more to plan. */
export const regressions: readonly { readonly what: string; readonly plan: Plan }[] = [
  {
    what: 'units of a datasource become one, and their gateway still tells of the units',
    plan: {
      schedule: 0,
      concurrency: 2,
      quarrels: false,
      grafanas: [{ version: '9.4.7', foreign: 0 }],
      gateways: [{ charm: 'crosslink', letter: 'a', grafana: 0, units: 1, correlations: false }],
      datasources: [
        {
          charm: 'crosslink',
          letter: 'a',
          type: 'tempo',
          units: 2,
          perUnit: true,
          secret: false,
          prefers: null,
        },
      ],
      registrations: [[0, 0]],
      exchanges: [],
      troubles: [{ after: 10_000, kind: 'configure', app: 1, option: 1, value: 1 }],
    },
  },
];
