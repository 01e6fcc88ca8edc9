import assert from 'node:assert/strict';
import {
  type CorrelationStep,
  type DesiredCorrelation,
  type HeldCorrelation,
  markedDescription,
  planCorrelations,
  readCorrelationMarker,
} from '#src/grafana/provisioner';

const content = {
  label: 'L',
  description: 'D',
  config: { field: 'f', target: { a: 1 }, transformations: [] },
};
const want: DesiredCorrelation = { sourceUid: 's', targetUid: 't', kind: 'k', content };
const have: HeldCorrelation = {
  uid: 'c1',
  sourceUID: 's',
  targetUID: 't',
  type: 'query',
  provisioned: false,
  ...content,
  description: markedDescription('D', 'k', 'gw'),
};

function steps(
  desired: readonly DesiredCorrelation[],
  held: readonly HeldCorrelation[],
  { present = ['s', 't'], keep = [] as string[] } = {},
): string[] {
  const plan = planCorrelations({
    gateway: 'gw',
    desired,
    held,
    present: new Set(present),
    keep: new Set(keep),
  });
  return plan.steps.map((step: CorrelationStep) => `${step.step} ${'uid' in step ? step.uid : step.kind}`);
}

suite('planning correlations', () => {
  const cases: [what: string, actual: string[], expected: string[]][] = [
    ['what is missing is made', steps([want], []), ['create k']],
    ['what is asked for twice is made once', steps([want, want], []), ['create k']],
    ['what is as it should be is left', steps([want], [have]), []],
    ['what has another label is changed', steps([want], [{ ...have, label: 'x' }]), ['update c1']],
    [
      'what leads out of Grafana by now is changed',
      steps([want], [{ ...have, type: 'external' }]),
      ['update c1'],
    ],
    ['what nobody asks for goes', steps([], [have]), ['delete c1']],
    ['a second one goes, the later by uid', steps([want], [{ ...have, uid: 'c2' }, have]), ['delete c2']],
    ['of another kind it is another one', steps([{ ...want, kind: 'j' }], [have]), ['delete c1', 'create j']],
    [
      "another gateway's is left",
      steps([], [{ ...have, description: markedDescription('D', 'k', 'gw2') }]),
      [],
    ],
    [
      'one without a marker is left, and no substitute',
      steps([want], [{ ...have, description: 'D' }]),
      ['create k'],
    ],
    ['a provisioned one is left', steps([], [{ ...have, provisioned: true }]), []],
    ["one from somebody else's datasource is left", steps([], [have], { present: ['t'] }), []],
    ['one to a datasource that goes, goes with it', steps([], [have], { present: ['s'] }), []],
    ['what can not be understood is kept', steps([], [have], { keep: ['s'] }), []],
    ['no end may be missing', steps([want], [], { present: ['s'] }), []],
    ['nothing leads to itself', steps([{ ...want, targetUid: 's' }], []), []],
  ];
  for (const [what, actual, expected] of cases) test(what, () => assert.deepEqual(actual, expected));

  test('a marker ends the description, with or without one', () => {
    assert.equal(markedDescription('', 'k', 'gw'), '[crosslink k gw]');
    assert.deepEqual(readCorrelationMarker('x [crosslink a b] [crosslink k gw]'), {
      kind: 'k',
      gateway: 'gw',
    });
    for (const text of ['', '[crosslink k gw] by me', '[crosslink k]', 'crosslink k gw'])
      assert.equal(readCorrelationMarker(text), undefined, text);
  });
});
