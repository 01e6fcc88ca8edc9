import { cosV0, cosV1, ourGateway } from '../healthy.ts';
import { bagOf, exchanged, grafanaUid, nameOf, U } from '../models.ts';
import type { Fault } from './fault.ts';

/** What peers tell each other. */
export const exchanges: readonly Fault[] = [
  {
    what: 'a peer that publishes nothing, not even an empty list',
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'loki:send-datasource', 'tempo').appData = {};
    },
    found: ['exchange-silent loki datasources'],
  },
  {
    what: 'an empty exchange, because only the UIDs of units are read',
    world: cosV1,
    plant: (cos) => {
      bagOf(cos, 'mimir:send-datasource', 'tempo').appData = { datasources: '[]' };
    },
    found: ['exchange-one-generation mimir datasources'],
  },
  {
    what: 'a peer that keeps a UID to itself',
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'mimir:send-datasource', 'tempo').appData = exchanged(
        ['prometheus', nameOf('mimir', 0), grafanaUid],
        ['prometheus', nameOf('mimir', 2), grafanaUid],
      );
    },
    found: ['exchange-incomplete mimir datasources'],
  },
  {
    what: 'a peer that shares a UID in a Grafana that it left',
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'loki:send-datasource', 'tempo').appData = exchanged(
        ['loki', nameOf('loki', 0), grafanaUid],
        ['loki', nameOf('loki', 0), 'juju_long_gone'],
      );
    },
    found: ['exchange-outdated loki datasources'],
  },
  {
    what: 'a peer that shares a UID that no Grafana handed out',
    world: ourGateway,
    plant: (cos) => {
      const mimir = bagOf(cos, 'mimir:send-datasource', 'tempo').appData;
      mimir.datasources = mimir.datasources?.replace(
        '[',
        `[${JSON.stringify({ type: 'prometheus', uid: 'made-up', grafana_uid: `juju_cos_${U}_gateway` })},`,
      ) as string;
    },
    found: ['uid-unknown mimir datasources'],
  },
  {
    what: "a peer that shares another one's datasource as its own",
    world: cosV0,
    plant: (cos) => {
      bagOf(cos, 'loki:send-datasource', 'tempo').appData = exchanged(
        ['loki', nameOf('loki', 0), grafanaUid],
        ['loki', nameOf('mimir', 0), grafanaUid],
      );
    },
    found: ['exchange-foreign loki datasources'],
  },
];
