import type { Plan } from '#src/simulation';

/** A Tempo and a Loki at one Grafana, and nothing goes wrong. */
export const calm: Plan = {
  schedule: 1,
  concurrency: 2,
  quarrels: false,
  grafanas: [{ version: '12.1.0', foreign: 1 }],
  gateways: [{ charm: 'crosslink', letter: 'g', grafana: 0, units: 2, correlations: false }],
  datasources: [
    { charm: 'crosslink', letter: 't', type: 'tempo', units: 2, perUnit: true, secret: true, prefers: null },
    { charm: 'crosslink', letter: 'l', type: 'loki', units: 1, perUnit: false, secret: false, prefers: null },
  ],
  registrations: [
    [0, 0],
    [1, 0],
  ],
  exchanges: [[1, 0]],
  troubles: [],
};
