import { createHmac } from 'node:crypto';
import { type Databag, type HookTools, isHookToolError, type UnitName } from '#lib/juju';
import {
  type ExchangeRelation,
  type Finding,
  type GatewayView,
  type GrafanaRelation,
  type GrafanaState,
  type PeerView,
  readFingerprints,
  type Self,
  type SourceRelation,
  type View,
} from '#src/exchange';
import { type GrafanaClient, isGrafanaApiError } from '#src/grafana';
import { readAnswer, readSource } from '#src/relations/grafana-datasource';
import { readDatasources } from '#src/relations/grafana-datasource-exchange';
import { type CharmConfig, fillIn, isPerUnit, needsAddress, readConfig } from './config.ts';
import { type Credentials, readCredentials } from './credentials.ts';
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
  const [grafanas, sending, receiving, peer, credentials, datasource] = await Promise.all([
    eachRelation(tools, 'grafana-source', (id, app) => grafanaRelation(tools, self, id, app)),
    exchangeRelations(tools, self, 'send-datasource'),
    exchangeRelations(tools, self, 'receive-datasource'),
    peerView(tools, self),
    leader && config.gateway !== null ? readCredentials(tools, self.app, config.gateway.credentials) : null,
    datasourceView(tools, self, config),
  ]);
  const sources = leader
    ? await eachRelation(tools, 'datasources', (id, app) => sourceRelation(tools, self, id, app, credentials))
    : null;
  const exchange = [...sending, ...receiving];
  const { gateway, grafana } = await gatewayView(world, self, config, credentials, peer);
  const credentialProblems = credentials !== null && 'problem' in credentials ? [credentials.problem] : [];
  const configProblems = [...config.problems, ...credentialProblems];
  return {
    view: { self, configProblems, datasource, grafanas, exchange, gateway, sources, peer, status },
    grafana,
  };
}

/** Reads every relation of an endpoint; one that is removed while we look is no longer there. */
async function eachRelation<T>(
  tools: HookTools,
  endpoint: string,
  read: (relationId: number, remoteApp: string) => Promise<T>,
): Promise<T[]> {
  const ids = await tools.relationIds(endpoint);
  const relations = await Promise.all(
    ids.map(async (id) => {
      try {
        return [await read(id, await tools.relationListApp(id))];
      } catch (error) {
        if (isHookToolError(error, 'RELATION_GONE', 'PERMISSION_DENIED')) return [];
        throw error;
      }
    }),
  );
  return relations.flat();
}

async function grafanaRelation(
  tools: HookTools,
  self: Self,
  relationId: number,
  remoteApp: string,
): Promise<GrafanaRelation> {
  const [remoteAppData, localAppData, localUnitData] = await Promise.all([
    tools.relationGet({ relationId, of: remoteApp }),
    ownAppData(tools, self, relationId),
    tools.relationGet({ relationId, of: self.unit }),
  ]);
  const { answer, issues } = readAnswer(remoteAppData);
  const findings = issues.map(
    (issue): Finding => ({ ...issue, relationId, endpoint: 'grafana-source', remoteApp }),
  );
  return { relationId, remoteApp, answer, findings, localAppData, localUnitData };
}

function exchangeRelations(tools: HookTools, self: Self, endpoint: string): Promise<ExchangeRelation[]> {
  return eachRelation(tools, endpoint, async (relationId, remoteApp) => {
    const [remoteAppData, localAppData] = await Promise.all([
      tools.relationGet({ relationId, of: remoteApp }),
      ownAppData(tools, self, relationId),
    ]);
    const { datasources, issues } = readDatasources(remoteAppData);
    const findings = issues.map((issue): Finding => ({ ...issue, relationId, endpoint, remoteApp }));
    return { relationId, endpoint, remoteApp, datasources, findings, localAppData };
  });
}

/** Only a leader may read what its own application says. */
async function ownAppData(tools: HookTools, self: Self, relationId: number): Promise<Databag | null> {
  return self.leader ? tools.relationGet({ relationId, of: self.app }) : null;
}

async function sourceRelation(
  tools: HookTools,
  self: Self,
  relationId: number,
  remoteApp: string,
  credentials: Credentials | null,
): Promise<SourceRelation> {
  const [appData, localAppData, units] = await Promise.all([
    tools.relationGet({ relationId, of: remoteApp }),
    tools.relationGet({ relationId, of: self.app }),
    tools.relationList(relationId),
  ]);
  const unitsData = new Map(
    await Promise.all(
      units.map(
        async (unit): Promise<[UnitName, Databag]> => [
          unit,
          await tools.relationGet({ relationId, of: unit }),
        ],
      ),
    ),
  );
  const { reading, issues } = readSource({ appData, unitsData });
  const findings = issues.map(
    (issue): Finding => ({ ...issue, relationId, endpoint: 'datasources', remoteApp }),
  );
  const secrets = reading.state === 'valid' ? reading.source.secureExtraFields : null;
  const secureFingerprint = secrets === null ? null : fingerprint(secrets, credentials);
  return { relationId, remoteApp, reading, secureFingerprint, findings, localAppData };
}

/** Grafana never shows the secrets that it holds. Keyed, so that nobody can guess short ones from the databag. */
function fingerprint(
  secrets: Readonly<Record<string, string>>,
  credentials: Credentials | null,
): string | null {
  if (credentials === null || 'problem' in credentials || Object.keys(secrets).length === 0) return null;
  const key = credentials.auth.kind === 'bearer' ? credentials.auth.token : credentials.auth.password;
  const sorted = Object.entries(secrets).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHmac('sha256', key).update(JSON.stringify(sorted)).digest('hex').slice(0, 32);
}

async function peerView(tools: HookTools, self: Self): Promise<PeerView | null> {
  const [relationId] = await tools.relationIds('crosslink');
  if (relationId === undefined) return null;
  return { relationId, appData: await tools.relationGet({ relationId, of: self.app }) };
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

async function gatewayView(
  world: World,
  self: Self,
  { gateway: config }: CharmConfig,
  credentials: Credentials | null,
  peer: PeerView | null,
): Promise<{ gateway: GatewayView | null; grafana: GrafanaClient | null }> {
  if (config === null) return { gateway: null, grafana: null };
  const marker = `juju_${self.model}_${self.modelUuid}_${self.app}`;
  const known = { grafanaUid: config.uid ?? marker, baseUrl: config.url, marker };
  if (credentials === null || 'problem' in credentials) {
    return { gateway: { ...known, work: null }, grafana: null };
  }
  const fingerprints = readFingerprints(peer?.appData ?? {});
  try {
    const grafana = world.grafanaClient({ url: config.url, auth: credentials.auth });
    const datasources = await grafana.listDatasources();
    const work = { grafana: { state: 'ok' as const, datasources }, fingerprints };
    return { gateway: { ...known, work }, grafana };
  } catch (error) {
    if (!isGrafanaApiError(error) || error.fixedBy === 'developer') throw error;
    const failed: GrafanaState = { state: 'failed', fixedBy: error.fixedBy, remedy: error.remedy };
    return { gateway: { ...known, work: { grafana: failed, fingerprints } }, grafana: null };
  }
}
