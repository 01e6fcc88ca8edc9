import assert from 'node:assert/strict';
import { decide, type View } from '#src/exchange';
import { datasourceUid } from '#src/grafana/provisioner';
import {
  asFollower,
  finding,
  foreign,
  gateway,
  gatewayWith,
  grafana,
  peer,
  source,
  tempo,
  U,
  view,
} from './builders.ts';

const answered = grafana({ grafanaUid: 'g', appDatasourceUid: 't' });
const elsewhere = grafana(
  { grafanaUid: 'g2', appDatasourceUid: 't' },
  { relationId: 11, remoteApp: 'graf2' },
);
const mimir = peer('mimir', [['prometheus', 'm', 'g']]);
const failed = (fixedBy: 'operator' | 'time', remedy: string) => ({
  ...gateway,
  work: { grafana: { state: 'failed' as const, fixedBy, remedy } },
});
const taken = foreign({
  uid: datasourceUid({ model: 'cos', modelUuid: U, application: 'loki', unitNumber: undefined }),
});

suite('unit status', () => {
  const table: [name: string, seen: View, line: string][] = [
    [
      'neither gateway nor datasource',
      view(),
      'blocked: set datasource-type and datasource-url to be a datasource, or grafana-url to be the gateway of a Grafana',
    ],
    [
      'broken config',
      view({ datasource: tempo, configProblems: ['set datasource-url', 'correct grafana-url'] }),
      'blocked: set datasource-url; correct grafana-url',
    ],
    ['no Grafana', view({ datasource: tempo }), 'waiting: integrate grafana-source with a Grafana'],
    [
      'a silent Grafana',
      view({ datasource: tempo, grafanas: [grafana()] }),
      'waiting: for grafana to answer',
    ],
    [
      'one silent Grafana of two',
      view({ datasource: tempo, grafanas: [answered, grafana({}, { relationId: 12, remoteApp: 'graf3' })] }),
      'waiting: for graf3 to answer',
    ],
    ['no peers', view({ datasource: tempo, grafanas: [answered] }), 'active: 0 of 4 links in 1 Grafana'],
    [
      'some links',
      view({ datasource: tempo, grafanas: [answered], exchange: [mimir] }),
      'active: 2 of 4 links in 1 Grafana',
    ],
    [
      'two Grafanas',
      view({ datasource: tempo, grafanas: [answered, elsewhere], exchange: [mimir] }),
      'active: 2 of 8 links in 2 Grafanas',
    ],
    [
      'two gateways of one Grafana',
      view({ datasource: tempo, grafanas: [answered, { ...answered, relationId: 11 }], exchange: [mimir] }),
      'active: 2 of 4 links in 1 Grafana',
    ],
    [
      'units that share their links',
      view({
        datasource: { ...tempo, perUnit: true },
        grafanas: [grafana({ grafanaUid: 'g', datasourceUids: { 'tempo/0': 'a', 'tempo/1': 'b' } })],
        exchange: [mimir],
      }),
      'active: 2 of 4 links in 1 Grafana',
    ],
    [
      'only a target',
      view({ datasource: { ...tempo, type: 'grafana-pyroscope-datasource' }, grafanas: [answered] }),
      'active: registered with 1 Grafana',
    ],
    [
      'a peer that can not be read',
      view({
        datasource: tempo,
        grafanas: [answered],
        exchange: [peer('mimir', null, { findings: [finding(), finding(), finding()] })],
      }),
      "active: 0 of 4 links in 1 Grafana; can't read datasources[0].uid from mimir (relation 20, receive-datasource): wrong and 2 more",
    ],
    ['an idle gateway', view({ gateway }), 'active: 0 datasources in http://grafana:3000'],
    [
      'a gateway at work',
      view({ gateway, sources: [source('loki', { app: 'http://l' })] }),
      'active: 1 datasource in http://grafana:3000',
    ],
    [
      'a gateway that can not read all',
      view({
        gateway,
        sources: [source('loki', { app: 'http://l' }), source('mimir', { relationId: 31, data: 'bad' })],
      }),
      "active: 1 datasource in http://grafana:3000; can't read grafana_source_data from mimir (relation 31, datasources): not JSON",
    ],
    [
      'a gateway with a conflict',
      view({ gateway: gatewayWith([taken]), sources: [source('loki', { app: 'http://l' })] }),
      `blocked: remove datasource 'Foreign' in Grafana: its uid ${taken.uid} is needed and another made it`,
    ],
    ['a Grafana that is down', view({ gateway: failed('time', 'wait for it') }), 'waiting: wait for it'],
    ['a token that is wrong', view({ gateway: failed('operator', 'give a token') }), 'blocked: give a token'],
    ['a follower of a gateway', asFollower(view({ gateway })), 'active: standing by: the leader provisions'],
    [
      'both roles, the worse first',
      view({ gateway: failed('operator', 'give a token'), datasource: tempo, grafanas: [answered] }),
      'blocked: give a token',
    ],
    [
      'both roles, equally well',
      view({ gateway, datasource: tempo, grafanas: [answered] }),
      'active: 0 datasources in http://grafana:3000; 0 of 4 links in 1 Grafana',
    ],
  ];
  for (const [name, seen, line] of table) {
    test(`${name}: ${line.slice(0, 60)}`, () => {
      const { status } = decide(seen);
      assert.equal(`${status?.status}: ${status?.message}`, line);
    });
  }

  test('is not set again when it is shown already', () => {
    const status = { status: 'waiting', message: 'integrate grafana-source with a Grafana' } as const;
    assert.equal(decide(view({ datasource: tempo, status })).status, null);
    assert.notEqual(
      decide(view({ datasource: tempo, status: { ...status, status: 'blocked' } })).status,
      null,
    );
  });
});
