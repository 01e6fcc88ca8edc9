import assert from 'node:assert/strict';
import { phasesOf } from '../../../src/local/phase.ts';

test('the phases of a scenario are its building and each step, as an operator would say them', () => {
  const phases = phasesOf([
    { deploy: { loki: { units: 1, config: {} } } },
    { relate: ['tempo:a', 'loki:b'] },
    { 'add-unit': { app: 'mimir', count: 2 } },
    { config: { app: 'tempo', set: { 'datasource-url': 'http://somewhere.example' } } },
    { leader: 'tempo/1' },
  ]);
  assert.deepEqual(
    phases.map(({ number, of, description }) => `${number}/${of} ${description}`),
    [
      '1/6 deploy and relate',
      '2/6 deploy loki',
      '3/6 relate tempo:a loki:b',
      '4/6 add-unit mimir 2',
      '5/6 config tempo datasource-url',
      '6/6 leader tempo/1',
    ],
  );
});
