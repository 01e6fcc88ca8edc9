import { datasourcesDatabag } from '#src/relations/grafana-datasource-exchange';
import { requestDatabag } from '#src/relations/tracing';
import { byRelation } from './by-relation.ts';
import { changesTo } from './changes.ts';
import { decideGateway } from './gateway.ts';
import type { DatabagIntent, Intent } from './intent.ts';
import { noOffer, offer } from './offer.ts';
import { peerDatabag } from './peer-databag.ts';
import { ownDatasources } from './registrations.ts';
import { decideSecret, secretTakenBack } from './secret-sharing.ts';
import { unitStatus } from './unit-status.ts';
import type { View } from './view.ts';

/**
 * From what is seen to what is to be done. Pure and total: equal views give equal intents, nothing remote can make
 * it throw, and once the intent is carried out the next one is empty.
 */
export function decide(seen: View): Intent {
  const view = byRelation(seen);
  const gateway = decideGateway(view);
  const databags = [
    ...(gateway?.databags ?? []),
    ...offers(view),
    ...exchanged(view),
    ...toFollowers(view),
    ...tracingRequest(view),
  ]
    .filter(({ changes }) => Object.keys(changes).length > 0)
    .toSorted((a, b) => a.relationId - b.relationId || Number(a.bag > b.bag) - Number(a.bag < b.bag));
  const status = unitStatus(view, gateway);
  const shown = status.status === view.status.status && status.message === view.status.message;
  return {
    provision: gateway?.provision ?? [],
    correlations: gateway?.correlations ?? [],
    secret: decideSecret(view),
    databags,
    status: shown ? null : status,
  };
}

/** What this datasource says to each Grafana. */
function offers(view: View): DatabagIntent[] {
  const { self, datasource, grafanas, exchange, configProblems } = view;
  // With broken config everything stays as it was: a typing error must not take datasources away.
  if (configProblems.length > 0) return [];
  return grafanas.flatMap((relation) => {
    const { relationId, localAppData, localUnitData } = relation;
    const { app, unit } = datasource === null ? noOffer : offer(self, datasource, exchange, relation);
    const intents: DatabagIntent[] = [
      { relationId, bag: 'unit', changes: changesTo(localUnitData, unit), needs: [] },
    ];
    if (localAppData !== null) {
      const wanted = { ...app, ...secretTakenBack(view, relation) };
      intents.push({ relationId, bag: 'app', changes: changesTo(localAppData, wanted), needs: [] });
    }
    return intents;
  });
}

/** What this application says to each exchange peer; `[]` when it has nothing, as the interface asks. */
function exchanged(view: View): DatabagIntent[] {
  if (view.configProblems.length > 0) return [];
  const wanted = datasourcesDatabag(ownDatasources(view));
  return view.exchange.flatMap(({ relationId, localAppData }): DatabagIntent[] =>
    localAppData === null
      ? []
      : [{ relationId, bag: 'app', changes: changesTo(localAppData, wanted), needs: [] }],
  );
}

/** Which protocol traces are to be taken in: the same whatever the config says, since hooks fail before it is right. */
function tracingRequest({ tracing }: View): DatabagIntent[] {
  if (!tracing || tracing.localAppData === null) return [];
  const { relationId, localAppData } = tracing;
  return [{ relationId, bag: 'app', changes: changesTo(localAppData, requestDatabag()), needs: [] }];
}

/** What the leader leaves for its followers, and for the leader after it. */
function toFollowers({ self, peer, fingerprintKey }: View): DatabagIntent[] {
  if (peer === null || !self.leader) return [];
  const changes = changesTo(peer.appData, peerDatabag({ leader: self.unit, fingerprintKey }));
  return [{ relationId: peer.relationId, bag: 'app', changes, needs: [] }];
}
