import { type Databag, type HookEvent, type HookTools, isHookToolError } from '#lib/juju';
import type { ExchangeRelation, Finding, GrafanaRelation, PeerView, Self, TracingView } from '#src/exchange';
import { offeredSecret, readAnswer, readSource } from '#src/relations/grafana-datasource';
import { readDatasources } from '#src/relations/grafana-datasource-exchange';
import { presentUnits } from './present-units.ts';
import type { PlainSource } from './source-secrets.ts';
import type { TracingRelation } from './tracing.ts';

/** Relations of `grafana-source`: the Grafanas that this application registers with. */
export function grafanaRelations(tools: HookTools, self: Self): Promise<GrafanaRelation[]> {
  const endpoint = 'grafana-source';
  return eachRelation(tools, self, endpoint, async (relationId, remoteApp) => {
    const [remoteAppData, localAppData, localUnitData] = await Promise.all([
      tools.relationGet({ relationId, of: remoteApp }),
      ownAppData(tools, self, relationId),
      tools.relationGet({ relationId, of: self.unit }),
    ]);
    const { answer, issues } = readAnswer(remoteAppData);
    const findings = issues.map((issue): Finding => ({ ...issue, relationId, endpoint, remoteApp }));
    return { relationId, remoteApp, answer, findings, localAppData, localUnitData };
  });
}

/** Relations of `send-datasource` or `receive-datasource`. */
export function exchangeRelations(
  tools: HookTools,
  self: Self,
  endpoint: 'send-datasource' | 'receive-datasource',
): Promise<ExchangeRelation[]> {
  return eachRelation(tools, self, endpoint, async (relationId, remoteApp) => {
    const [remoteAppData, localAppData] = await Promise.all([
      tools.relationGet({ relationId, of: remoteApp }),
      ownAppData(tools, self, relationId),
    ]);
    const { datasources, issues } = readDatasources(remoteAppData);
    const findings = issues.map((issue): Finding => ({ ...issue, relationId, endpoint, remoteApp }));
    return { relationId, endpoint, remoteApp, datasources, findings, localAppData };
  });
}

/**
 * Relations of `datasources`: what registered with this Grafana, but for its secrets. For the leader only.
 * @returns null for a unit that is being installed: Juju shows it no relations, though its application may have some
 */
export async function sourceRelations(
  tools: HookTools,
  self: Self,
  event: HookEvent,
): Promise<PlainSource[] | null> {
  const endpoint = 'datasources';
  const sources = await eachRelation(tools, self, endpoint, async (relationId, remoteApp) => {
    const [appData, localAppData] = await Promise.all([
      tools.relationGet({ relationId, of: remoteApp }),
      tools.relationGet({ relationId, of: self.app }),
    ]);
    const unitsData = await presentUnits(tools, event, { relationId, endpoint, remoteApp, localAppData });
    const { reading, issues } = readSource({ appData, unitsData });
    const findings = issues.map((issue): Finding => ({ ...issue, relationId, endpoint, remoteApp }));
    return { relationId, remoteApp, reading, findings, localAppData, secretUri: offeredSecret(appData) };
  });
  return event.kind === 'install' && sources.length === 0 ? null : sources;
}

/** The peer relation; null before Juju has made it. */
export async function peerRelation(tools: HookTools, self: Self): Promise<PeerView | null> {
  const peers = await liveRelations(tools, self, 'crosslink', async (relationId): Promise<PeerView> => {
    return { relationId, appData: await tools.relationGet({ relationId, of: self.app }) };
  });
  return peers[0] ?? null;
}

/** The relation of `charm-tracing`, with what this application has said there; null when it has gone since. */
export async function tracingView(
  tools: HookTools,
  self: Self,
  { relationId, remoteApp, findings }: TracingRelation,
): Promise<TracingView | null> {
  const views = await liveRelations(tools, self, 'charm-tracing', async (id): Promise<TracingView> => {
    return { relationId: id, remoteApp, findings, localAppData: await ownAppData(tools, self, id) };
  });
  return views.find((view) => view.relationId === relationId) ?? null;
}

function eachRelation<T>(
  tools: HookTools,
  self: Self,
  endpoint: string,
  read: (relationId: number, remoteApp: string) => Promise<T>,
): Promise<T[]> {
  return liveRelations(tools, self, endpoint, async (id) => read(id, await tools.relationListApp(id)));
}

/**
 * Reads every relation of an endpoint; one that is removed while we look is no longer there.
 * @throws {LeadershipLostError} that it can't be read is no sign then that it is gone
 */
async function liveRelations<T>(
  tools: HookTools,
  self: Self,
  endpoint: string,
  read: (relationId: number) => Promise<T>,
): Promise<T[]> {
  const ids = await tools.relationIds(endpoint);
  const relations = await Promise.all(
    ids.map(async (id) => {
      try {
        return [await read(id)];
      } catch (error) {
        if (!isHookToolError(error, 'RELATION_GONE', 'PERMISSION_DENIED')) throw error;
        // Juju says the same to a unit that led a moment ago. A gateway that took it for a relation that is gone
        // would delete its datasources.
        if (self.leader && !(await tools.isLeader())) throw new LeadershipLostError();
        return [];
      }
    }),
  );
  return relations.flat();
}

/** The unit led when the hook began, and does no longer: what it saw as a leader is only part of the world. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

/** Only a leader may read what its own application says. */
async function ownAppData(tools: HookTools, self: Self, relationId: number): Promise<Databag | null> {
  return self.leader ? tools.relationGet({ relationId, of: self.app }) : null;
}
