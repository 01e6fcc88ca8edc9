import assert from 'node:assert/strict';
import { decide, type GatewayView, type SourceRelation } from '#src/exchange';
import { datasourceName, datasourceUid, type HeldDatasource, markerKey } from '#src/grafana/provisioner';
import { applied, foreign, gateway, gatewayWith, source, U, view, written } from './builders.ts';

const uidOf = (application: string, unitNumber?: number) =>
  datasourceUid({ model: 'cos', modelUuid: U, application, unitNumber });

const nameOf = (application: string, unitNumber?: number) =>
  datasourceName({ model: 'cos', modelUuid: U, application, unitNumber });

const see = (sources: readonly SourceRelation[], as: GatewayView = gateway) =>
  view({ gateway: as, sources, peer: { relationId: 0, appData: { leader: 'tempo/0' } } });

/** What the gateway made of these, as Grafana has it then. */
function held(...sources: SourceRelation[]): readonly HeldDatasource[] {
  const seen = see(sources);
  const grafana = applied(seen, decide(seen)).gateway?.work?.grafana;
  assert.ok(grafana?.state === 'ok');
  return grafana.datasources;
}

suite('a gateway', () => {
  suite('makes', () => {
    test('one datasource for each unit that registers, and answers by unit', () => {
      const units = { 0: 'http://t0', 1: 'http://t1' };
      const { provision, databags } = decide(see([source('tempo', { units })]));
      assert.deepEqual(
        provision.map((step) => step.kind === 'create' && [step.desired.uid, step.desired.url]).toSorted(),
        [
          [uidOf('tempo', 0), 'http://t0'],
          [uidOf('tempo', 1), 'http://t1'],
        ],
      );
      const [answer] = databags;
      assert.deepEqual(answer?.changes, {
        grafana_uid: gateway.grafanaUid,
        grafana_base_url: gateway.baseUrl,
        datasource_uids: `{"tempo/0": "${uidOf('tempo', 0)}", "tempo/1": "${uidOf('tempo', 1)}"}`,
      });
      assert.deepEqual(
        [...(answer?.needs ?? [])].toSorted(),
        [uidOf('tempo', 0), uidOf('tempo', 1)].toSorted(),
      );
    });

    test('one for an application that registers as a whole', () => {
      const intent = decide(see([source('tempo', { app: 'http://t' })]));
      assert.equal(intent.provision.length, 1);
      assert.equal(written(intent, 30).app_datasource_uid, uidOf('tempo'));
      assert.equal(written(intent, 30).datasource_uids, '{}');
    });

    for (const [unit, app] of [
      ['http://t', 'http://t'],
      ['http://t/', 'http://t'],
      ['http://t', 'http://t//'],
    ] as const) {
      test(`one for ${unit} of a unit and ${app} of its application, and answers in both forms`, () => {
        const intent = decide(see([source('tempo', { app, units: { 0: unit } })]));
        assert.equal(intent.provision.length, 1);
        assert.equal(written(intent, 30).app_datasource_uid, uidOf('tempo'));
        assert.equal(written(intent, 30).datasource_uids, `{"tempo/0": "${uidOf('tempo')}"}`);
      });
    }

    test('one for an application, told under each unit too, wherever the units say they are', () => {
      const intent = decide(see([source('tempo', { app: 'http://t', units: { 0: 'http://t0', 1: '' } })]));
      assert.equal(intent.provision.length, 1);
      const uid = uidOf('tempo');
      assert.equal(written(intent, 30).datasource_uids, `{"tempo/0": "${uid}", "tempo/1": "${uid}"}`);
    });

    test('jsonData with the dollars that Grafana reads', () => {
      const [step] = decide(
        see([source('loki', { app: 'http://l', data: { extra_fields: { url: '$${__value.raw}' } } })]),
      ).provision;
      assert.deepEqual(step?.kind === 'create' && step.desired.jsonData, { url: '${__value.raw}' });
    });

    test('the same UID when it is made again, whatever the relation', () => {
      const first = held(source('tempo', { app: 'http://t' }));
      const second = held(source('tempo', { app: 'http://t', relationId: 77 }));
      assert.deepEqual(first, second);
    });

    test('one of two that claim the same identity: that of the older relation', () => {
      const [step, ...more] = decide(
        see([
          source('mimir', { relationId: 31, app: 'http://new', data: { application: 'tempo' } }),
          source('tempo', { relationId: 30, app: 'http://old' }),
        ]),
      ).provision;
      assert.deepEqual([step?.kind === 'create' && step.desired.url, more], ['http://old', []]);
    });
  });

  suite('answers', () => {
    test('with an empty map where nobody has an address yet', () => {
      assert.deepEqual(written(decide(see([source('tempo')])), 30), {
        grafana_uid: gateway.grafanaUid,
        grafana_base_url: gateway.baseUrl,
        datasource_uids: '{}',
      });
    });

    for (const [name, data] of [
      ['nothing', ''],
      ['null', 'null'],
      ['{}', '{}'],
      ['what can not be read', '{"foo": "bar"}'],
    ] as const) {
      test(`nobody who registered ${name}`, () => {
        assert.deepEqual(decide(see([source('tempo', { data })])).databags, []);
      });
    }

    test('the others beside one that can not be read', () => {
      const intent = decide(
        see([source('tempo', { data: 'bad' }), source('loki', { relationId: 31, app: 'http://l' })]),
      );
      assert.deepEqual(Object.keys(written(intent, 30)), []);
      assert.equal(written(intent, 31).app_datasource_uid, uidOf('loki'));
    });

    test('only what differs', () => {
      const first = see([source('tempo', { app: 'http://t' })]);
      const settled = applied(first, decide(first));
      const moved = { ...settled, gateway: settled.gateway && { ...settled.gateway, baseUrl: 'http://new' } };
      assert.deepEqual(
        decide(moved).databags.map(({ changes }) => changes),
        [{ grafana_base_url: 'http://new' }],
      );
    });

    test('nothing while Grafana does not answer, and leaves what it answered', () => {
      const failed = { state: 'failed', fixedBy: 'time', remedy: 'wait for Grafana' } as const;
      const as = { ...gateway, work: { grafana: failed } };
      const appData = { leader: 'tempo/0', 'fingerprint-key': 'a'.repeat(32) };
      const answered = source('tempo', { data: '', localAppData: { grafana_uid: 'x' } });
      const seen = view({ gateway: as, sources: [answered], peer: { relationId: 0, appData } });
      assert.deepEqual(decide(seen), {
        provision: [],
        correlations: [],
        secret: null,
        databags: [],
        status: { status: 'waiting', message: 'wait for Grafana' },
      });
    });

    test('nothing more, once it is no gateway: every answer is taken back', () => {
      const answered = source('tempo', { app: 'http://t', localAppData: { grafana_uid: 'x', foo: 'bar' } });
      const seen = view({ sources: [answered] });
      assert.deepEqual(written(decide(seen), 30), { grafana_uid: '' });
      assert.deepEqual(written(decide({ ...seen, configProblems: ['set grafana-url'] }), 30), {});
    });
  });

  suite('takes away', () => {
    const settled = () =>
      held(source('tempo', { app: 'http://t' }), source('loki', { relationId: 31, app: 'http://l' }));
    const loki = source('loki', { relationId: 31, app: 'http://l' });
    const answered = { grafana_uid: 'x', app_datasource_uid: uidOf('tempo') };

    test('what is withdrawn, together with its answer', () => {
      const withdrawn = source('tempo', { data: '', localAppData: answered });
      const intent = decide(see([withdrawn, loki], gatewayWith(settled())));
      assert.deepEqual(intent.provision, [
        { kind: 'delete', uid: uidOf('tempo'), name: nameOf('tempo'), gateway: 'gw-marker' },
      ]);
      assert.deepEqual(written(intent, 30), { grafana_uid: '', app_datasource_uid: '' });
    });

    test('what the relation of is gone', () => {
      const { provision } = decide(see([loki], gatewayWith(settled())));
      assert.deepEqual(provision, [
        { kind: 'delete', uid: uidOf('tempo'), name: nameOf('tempo'), gateway: 'gw-marker' },
      ]);
    });

    test('the unit that is gone, and no other', () => {
      const was = held(source('tempo', { units: { 0: 'http://t0', 1: 'http://t1' } }));
      const { provision } = decide(see([source('tempo', { units: { 0: 'http://t0' } })], gatewayWith(was)));
      assert.deepEqual(provision, [
        { kind: 'delete', uid: uidOf('tempo', 1), name: nameOf('tempo', 1), gateway: 'gw-marker' },
      ]);
    });

    test('nothing that can not be read any more', () => {
      for (const data of ['bad', '[]', '{"model": 5}']) {
        const broken = source('tempo', { data, localAppData: answered });
        const { provision, databags } = decide(see([broken, loki], gatewayWith(settled())));
        assert.deepEqual(provision, []);
        assert.ok(!databags.some(({ relationId }) => relationId === 30));
      }
    });

    test("nothing of another gateway's or of people's", () => {
      const marker = { gateway: 'other', keys: [], secureKeys: [] };
      const others = [foreign(), foreign({ uid: 'b', name: 'B', jsonData: { [markerKey]: marker } })];
      assert.deepEqual(decide(see([], gatewayWith(others))).provision, []);
    });
  });

  suite('is in conflict', () => {
    const tempo = source('tempo', { app: 'http://t' });
    const conflicts: [HeldDatasource, message: RegExp][] = [
      [
        foreign({ uid: uidOf('tempo') }),
        /^remove datasource 'Foreign' in Grafana: its uid tempo-\w+ is needed/,
      ],
      [
        foreign({ name: `juju_cos_${U}_tempo` }),
        /^rename or remove datasource 'juju_cos_.*_tempo' in Grafana/,
      ],
    ];
    for (const [inTheWay, message] of conflicts) {
      test(`says ${message}, adopts nothing and answers nothing that is not so`, () => {
        const loki = source('loki', { relationId: 31, app: 'http://l' });
        const { provision, databags, status } = decide(see([tempo, loki], gatewayWith([inTheWay])));
        assert.deepEqual(
          provision.map((step) => step.kind === 'create' && step.desired.uid),
          [uidOf('loki')],
        );
        assert.deepEqual(
          databags.map(({ relationId }) => relationId),
          [31],
        );
        assert.equal(status?.status, 'blocked');
        assert.match(status.message, message);
      });
    }

    test('with a provisioning file over a datasource that was ours', () => {
      const [was] = held(tempo);
      assert.ok(was !== undefined);
      const moved = source('tempo', { app: 'http://elsewhere' });
      const { provision, status } = decide(see([moved], gatewayWith([{ ...was, readOnly: true }])));
      assert.deepEqual(provision, []);
      assert.match(status?.message ?? '', /^take datasource 'juju_.*' out of Grafana's provisioning files/);
    });
  });

  suite('remembers secrets', () => {
    const secret = (secureFingerprint: string | null, data = { secure_extra_fields: { k: 's' } }) =>
      source('mimir', { app: 'http://m', data: secureFingerprint === null ? {} : data, secureFingerprint });
    const kept = 'a'.repeat(32);
    const markerOf = ({ jsonData }: HeldDatasource) => jsonData[markerKey] as { secureFingerprint?: string };

    test('by a fingerprint that is written with them', () => {
      assert.deepEqual(
        held(secret('f1')).map((one) => markerOf(one).secureFingerprint),
        ['f1'],
      );
      assert.ok(!held(secret(null)).some((one) => 'secureFingerprint' in markerOf(one)));
    });

    test('and writes them again only when they changed', () => {
      const was = held(secret('f1'));
      const steps = (now: string | null) => decide(see([secret(now)], gatewayWith(was))).provision.length;
      assert.deepEqual([steps('f1'), steps('f2'), steps(null)], [0, 1, 1]);
    });

    test('as they were, while a provisioning file keeps new ones out', () => {
      const was = held(secret('f1')).map((one) => ({ ...one, readOnly: true }));
      const seen = see([secret('f2')], gatewayWith(was));
      const after = applied(seen, decide(seen));
      assert.deepEqual(after.gateway, seen.gateway);
      const freed = gatewayWith(was.map((one) => ({ ...one, readOnly: false })));
      assert.equal(decide({ ...after, gateway: freed }).provision.length, 1);
    });

    test('with a key that the next leader finds, as soon as there are any', () => {
      const seen = see([secret('f1')]);
      assert.deepEqual(written(decide(seen), 0), {});
      assert.deepEqual(written(decide({ ...seen, fingerprintKey: kept }), 0), { 'fingerprint-key': kept });
    });

    test('with a key that stays when there are none any more; what earlier revisions left does not', () => {
      const appData = { leader: 'tempo/0', 'fingerprint-key': kept, 'secure-fingerprints': '{"a":"f"}' };
      const seen = { ...see([secret(null)]), peer: { relationId: 0, appData } };
      assert.deepEqual(written(decide(seen), 0), { 'secure-fingerprints': '' });
    });

    test('never as they are', () => {
      const data = { secure_extra_fields: { k: 'hunter2' } };
      const { databags, status } = decide(see([secret('f1', data)]));
      assert.ok(!JSON.stringify([databags, status]).includes('hunter2'));
    });
  });
});
