import assert from 'node:assert/strict';
import { phasesOf } from '../../../src/local/phase.ts';

test('the phases of a scenario are its building, each step, as an operator would say them, and waking everybody', () => {
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
      '1/7 deploy and relate',
      '2/7 deploy loki',
      '3/7 relate tempo:a loki:b',
      '4/7 add-unit mimir 2',
      '5/7 config tempo datasource-url',
      '6/7 leader tempo/1',
      '7/7 update-status',
    ],
  );
});
