import type { HookTools } from '#lib/juju';
import type { Self, View } from '#src/exchange';
import type { GrafanaAuth, GrafanaClient } from '#src/grafana';
import { type CharmConfig, fillIn, isPerUnit, needsAddress, readConfig } from './config.ts';
import { readCredentials } from './credentials.ts';
import { fingerprint, observeGateway } from './gateway.ts';
import { interests } from './interests.ts';
import {
  exchangeRelations,
  grafanaRelations,
  LeadershipLostError,
  peerRelation,
  sourceRelations,
} from './relations.ts';
import type { World } from './world.ts';

/** What one hook saw, and the Grafana that it may write to: null for all but the leader of a gateway. */
export interface Observed {
  readonly view: View;
  readonly grafana: GrafanaClient | null;
}

/**
 * Reads the world once. What is remote and can't be decoded becomes findings; what the operator got wrong becomes
 * config problems; a Grafana that fails is part of the view. Only a bug, or a Juju that fails, throws.
 */
export async function observe(world: World): Promise<Observed> {
  try {
    return await look(world);
  } catch (error) {
    // Once lost it stays lost until the hook ends: the second look is a follower's.
    if (error instanceof LeadershipLostError) return look(world);
    throw error;
  }
}

async function look(world: World): Promise<Observed> {
  const { tools, context } = world;
  const [config, leader, status] = await Promise.all([
    tools.configGet().then(readConfig),
    tools.isLeader(),
    tools.statusGet(),
  ]);
  const self: Self = {
    unit: context.unit,
    app: context.app,
    unitNumber: context.unitNumber,
    model: context.modelName,
    modelUuid: context.modelUuid,
    leader,
  };
  const reads = interests(context.event, config, leader);
  const [grafanas, sending, receiving, peer, login, datasource] = await Promise.all([
    reads.grafanaSource ? grafanaRelations(tools, self) : [],
    reads.exchange ? exchangeRelations(tools, self, 'send-datasource') : [],
    reads.exchange ? exchangeRelations(tools, self, 'receive-datasource') : [],
    reads.peer ? peerRelation(tools, self) : null,
    logIn(tools, self, config),
    datasourceView(tools, self, config),
  ]);
  const [sources, { gateway, grafana }] = await Promise.all([
    reads.sources ? sourceRelations(tools, self, (secrets) => fingerprint(login.auth, secrets)) : null,
    config.gateway === null
      ? { gateway: null, grafana: null }
      : observeGateway(world, self, config.gateway, login.auth, peer),
  ]);
  const view: View = {
    self,
    configProblems: [...config.problems, ...login.problems],
    datasource,
    grafanas,
    exchange: [...sending, ...receiving],
    gateway,
    sources,
    peer,
    status,
  };
  return { view, grafana };
}

/** Only the leader of a gateway logs in to Grafana. */
async function logIn(
  tools: HookTools,
  self: Self,
  { gateway }: CharmConfig,
): Promise<{ auth: GrafanaAuth | null; problems: readonly string[] }> {
  if (gateway === null || !self.leader) return { auth: null, problems: [] };
  const credentials = await readCredentials(tools, self.app, gateway.credentials);
  return 'problem' in credentials
    ? { auth: null, problems: [credentials.problem] }
    : { auth: credentials.auth, problems: [] };
}

async function datasourceView(
  tools: HookTools,
  self: Self,
  { datasource }: CharmConfig,
): Promise<View['datasource']> {
  if (datasource === null) return null;
  const { type, urlTemplate } = datasource;
  const address = needsAddress(urlTemplate) ? await ingressAddress(tools) : '';
  const values = { unit: self.unitNumber, app: self.app, model: self.model, address };
  return { type, url: fillIn(urlTemplate, values), perUnit: isPerUnit(urlTemplate) };
}

async function ingressAddress(tools: HookTools): Promise<string> {
  const { ingressAddresses, bindAddresses } = await tools.networkGet('grafana-source');
  return (
    ingressAddresses[0] ?? bindAddresses[0]?.addresses[0]?.value ?? (await tools.unitGet('private-address'))
  );
}
