import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type DesiredDatasource,
  datasourceName,
  datasourceUid,
  type HeldDatasource,
  markerKey,
  type ProvisionPlan,
  planProvisioning,
  readMarker,
} from '#src/grafana/provisioner';
import { anyHeld } from '../../exchange/arbitraries.ts';
import { carriedOut, foreign, gateway, U } from '../../exchange/builders.ts';

const marker = {
  gateway: 'gw',
  application: 'tempo',
  uid: 'tempo-0-aa',
  keys: ['httpMethod'],
  secureKeys: [],
};
const want: DesiredDatasource = {
  uid: 'tempo-0-aa',
  application: 'tempo',
  name: 'Tempo',
  type: 'tempo',
  url: 'http://tempo',
  jsonData: { httpMethod: 'GET' },
  secureJsonData: {},
  secureFingerprint: null,
};
const have: HeldDatasource = {
  uid: want.uid,
  name: want.name,
  type: 'tempo',
  access: 'proxy',
  url: 'http://tempo',
  readOnly: false,
  jsonData: { httpMethod: 'GET', [markerKey]: marker },
};

/** As it was before markers held the uid, and under a uid that could be one of ours. */
const fromEarlierRevision: HeldDatasource = {
  ...have,
  uid: 'tempo-0-0123abcd',
  jsonData: { ...have.jsonData, [markerKey]: { gateway: 'gw', keys: ['httpMethod'], secureKeys: [] } },
};

function plan(given: Partial<Parameters<typeof planProvisioning>[0]>): ProvisionPlan {
  return planProvisioning({
    gateway: 'gw',
    desired: [want],
    held: [have],
    keep: new Set(),
    ...given,
  });
}

function outcome(given: Partial<Parameters<typeof planProvisioning>[0]>): string[] {
  const { steps, conflicts } = plan(given);
  return [
    ...steps.map((step) => `${step.kind} ${step.kind === 'delete' ? step.uid : step.desired.uid}`),
    ...conflicts.map(({ problem, uid, name }) => `${problem} ${uid} ${name}`),
  ];
}

suite('planning', () => {
  const table: [name: string, given: Partial<Parameters<typeof planProvisioning>[0]>, outcome: string[]][] = [
    ['nothing where all is as wanted', {}, []],
    ['to create what is missing', { held: [] }, ['create tempo-0-aa']],
    ['to delete what nobody wants', { desired: [] }, ['delete tempo-0-aa']],
    ['to keep what nobody can say of whether it is wanted', { desired: [], keep: new Set([want.uid]) }, []],
    ['to follow a new URL', { held: [{ ...have, url: 'http://old' }] }, ['update tempo-0-aa']],
    ['to follow a new type', { held: [{ ...have, type: 'jaeger' }] }, ['update tempo-0-aa']],
    ['to undo direct access', { held: [{ ...have, access: 'direct' }] }, ['update tempo-0-aa']],
    [
      'to undo what somebody did to our keys',
      { held: [{ ...have, jsonData: { httpMethod: 'POST', [markerKey]: marker } }] },
      ['update tempo-0-aa'],
    ],
    [
      'to bring back a key of ours',
      { held: [{ ...have, jsonData: { [markerKey]: marker } }] },
      ['update tempo-0-aa'],
    ],
    ['to drop a key that is ours no more', { desired: [{ ...want, jsonData: {} }] }, ['update tempo-0-aa']],
    [
      'nothing about keys added by hand',
      { held: [{ ...have, jsonData: { ...have.jsonData, byHand: { a: 1 } } }] },
      [],
    ],
    ['nothing about a new name that somebody gave it', { held: [{ ...have, name: 'My Tempo' }] }, []],
    [
      'nothing about the order of keys',
      { held: [{ ...have, jsonData: { [markerKey]: marker, httpMethod: 'GET' } }] },
      [],
    ],
    [
      'nothing about a plugin that has another name now',
      {
        desired: [{ ...want, type: 'phlare' }],
        held: [{ ...have, type: 'grafana-pyroscope-datasource' }],
      },
      [],
    ],
    ['a conflict over a name', { held: [foreign({ name: 'Tempo' })] }, ['name-taken tempo-0-aa Tempo']],
    ['a conflict over a uid', { held: [foreign({ uid: want.uid })] }, ['uid-taken tempo-0-aa Foreign']],
    [
      'a conflict with another gateway of the same Grafana',
      { gateway: 'other' },
      ['other-gateway tempo-0-aa Tempo'],
    ],
    [
      'nothing about one into which somebody copied our marker',
      { held: [have, { ...have, uid: 'copy', name: 'Copy' }] },
      [],
    ],
    [
      'a conflict with one that has our uid and a marker copied from another of ours',
      { held: [{ ...have, jsonData: { [markerKey]: { ...marker, uid: 'tempo-1-bb' } } }] },
      ['uid-taken tempo-0-aa Tempo'],
    ],
    [
      'to complete a marker of an earlier revision',
      { desired: [{ ...want, uid: fromEarlierRevision.uid }], held: [fromEarlierRevision] },
      ['update tempo-0-0123abcd'],
    ],
    [
      'to delete what nobody wants, made by an earlier revision',
      { desired: [], held: [fromEarlierRevision] },
      ['delete tempo-0-0123abcd'],
    ],
    [
      'nothing about a copy of such a one, which has a uid that we never give',
      { desired: [], held: [{ ...fromEarlierRevision, uid: 'my-tempo' }] },
      [],
    ],
    ['nothing about read-only that is as wanted', { held: [{ ...have, readOnly: true }] }, []],
    [
      'nothing about read-only that has but an earlier marker',
      {
        desired: [{ ...want, uid: fromEarlierRevision.uid }],
        held: [{ ...fromEarlierRevision, readOnly: true }],
      },
      [],
    ],
    [
      'a conflict with read-only that is not',
      { held: [{ ...have, readOnly: true, url: 'http://old' }] },
      ['read-only tempo-0-aa Tempo'],
    ],
    [
      'a conflict with read-only that nobody wants',
      { desired: [], held: [{ ...have, readOnly: true }] },
      ['read-only tempo-0-aa Tempo'],
    ],
    [
      'to take a name over from one that goes',
      { desired: [{ ...want, uid: 'new' }] },
      ['delete tempo-0-aa', 'create new'],
    ],
    [
      'one name for one of two that want it',
      {
        desired: [
          { ...want, uid: 'b' },
          { ...want, uid: 'a' },
        ],
        held: [],
      },
      ['create a', 'name-taken b Tempo'],
    ],
    [
      'to take nothing for ours that has half a marker',
      { desired: [], held: [{ ...have, jsonData: { [markerKey]: { gateway: 'gw' } } }] },
      [],
    ],
  ];
  for (const [name, given, expected] of table) {
    test(name, () => assert.deepEqual(outcome(given), expected));
  }

  test('no key that a peer must not set: neither our marker nor one that Grafana refuses', () => {
    const jsonData = { [markerKey]: { gateway: 'forged' }, teamHttpHeaders: {}, httpMethod: 'GET' };
    assert.deepEqual(outcome({ desired: [{ ...want, jsonData }] }), []);
  });

  const fingerprints: [string, now: string | null, last: string | undefined, writes: boolean][] = [
    ['none before, none now', null, undefined, false],
    ['the same', 'f', 'f', false],
    ['other ones', 'f', 'e', true],
    ['new ones', 'f', undefined, true],
    ['none any more', null, 'f', true],
  ];
  for (const [name, now, last, writes] of fingerprints) {
    test(`secrets: ${name}`, () => {
      const before = { ...marker, ...(last !== undefined && { secureFingerprint: last }) };
      const held = [{ ...have, jsonData: { ...have.jsonData, [markerKey]: before } }];
      const { steps } = plan({ desired: [{ ...want, secureFingerprint: now }], held });
      assert.equal(steps.length, Number(writes));
    });
  }

  const anyDesired: fc.Arbitrary<DesiredDatasource[]> = fc.uniqueArray(
    fc
      .record({
        application: fc.constantFrom('mimir', 'loki', 'tempo', 'prometheus', 'alpha'),
        unitNumber: fc.constantFrom(undefined, 0, 1, 10),
        type: fc.constantFrom('tempo', 'loki'),
        url: fc.constantFrom('http://a', 'http://b'),
        jsonData: fc.dictionary(
          fc.constantFrom('httpMethod', 'old', 'teamHttpHeaders', markerKey),
          fc.jsonValue(),
        ),
        secureJsonData: fc.dictionary(fc.constantFrom('k1', 'k2'), fc.constantFrom('s', 't')),
      })
      .map(({ application, unitNumber, ...rest }) => {
        const topology = { model: 'cos', modelUuid: U, application, unitNumber };
        const secureFingerprint = Object.keys(rest.secureJsonData).length === 0 ? null : 'f1';
        return {
          ...rest,
          application,
          uid: datasourceUid(topology),
          name: datasourceName(topology),
          secureFingerprint,
        };
      }),
    { selector: ({ uid }) => uid },
  );

  test('leaves every datasource alone that has not our marker, or is read-only, or is to be kept', () => {
    fc.assert(
      fc.property(anyDesired, anyHeld, fc.func(fc.boolean()), (desired, held, isKept) => {
        const keep = new Set(held.map(({ uid }) => uid).filter((uid) => isKept(uid)));
        const { steps } = plan({ gateway: gateway.marker, desired, held, keep });
        const after = carriedOut(held, steps);
        for (const one of held) {
          const ours = readMarker(one)?.gateway === gateway.marker && !one.readOnly;
          if (!ours)
            assert.deepEqual(
              after.find(({ uid }) => uid === one.uid),
              one,
            );
          if (keep.has(one.uid)) assert.ok(after.some(({ uid }) => uid === one.uid));
        }
        assert.equal(new Set(after.map(({ name }) => name)).size, after.length, 'names are taken once');
      }),
      { numRuns: 300 },
    );
  });

  test('leaves nothing to plan once it is carried out, and the same conflicts', () => {
    fc.assert(
      fc.property(anyDesired, anyHeld, (desired, held) => {
        const world = { gateway: gateway.marker, desired, held };
        const first = plan(world);
        const second = plan({ ...world, held: carriedOut(held, first.steps) });
        assert.deepEqual(second.steps, []);
        for (const { uid } of second.conflicts) assert.ok(first.conflicts.some((one) => one.uid === uid));
      }),
      { numRuns: 300 },
    );
  });

  test('is the same whatever order things are listed in', () => {
    fc.assert(
      fc.property(anyDesired, anyHeld, (desired, held) => {
        assert.deepEqual(
          plan({ gateway: gateway.marker, desired: desired.toReversed(), held: held.toReversed() }),
          plan({ gateway: gateway.marker, desired, held }),
        );
      }),
    );
  });
});
