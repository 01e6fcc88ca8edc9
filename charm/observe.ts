import { type HookTools, isHookToolError } from '#lib/juju';
import type { Preferences, Self, View } from '#src/exchange';
import type { GrafanaAuth, GrafanaClient } from '#src/grafana';
import { isTakingCorrelations, type SecureJsonData } from '#src/relations/grafana-datasource';
import { traced } from '#src/tracing';
import { type CharmConfig, fillIn, isPerUnit, needsAddress, readConfig } from './config.ts';
import { Fingerprints } from './fingerprint.ts';
import type { ObservedGateway } from './gateway.ts';
import { interests } from './interests.ts';
import { readOwnSecret, secretView } from './own-secret.ts';
import { readPreferences } from './preferences.ts';
import {
  exchangeRelations,
  grafanaRelations,
  LeadershipLostError,
  peerRelation,
  sourceRelations,
  tracingView,
} from './relations.ts';
import { type PlainSource, type SourceSecrets, withSecrets } from './source-secrets.ts';
import type { World } from './world.ts';

/** What one hook saw, and the Grafana that it may write to: null for all but the leader of a gateway. */
export interface Observed {
  readonly view: View;
  readonly grafana: GrafanaClient | null;
  /** What is in the secrets that the view only has the names of. */
  readonly secrets: {
    /** What the operator wants shared with every Grafana. */
    readonly own: SecureJsonData | null;
    readonly ofSources: SourceSecrets;
  };
}

/**
 * Reads the world once. What is remote and can't be decoded becomes findings; what the operator got wrong becomes
 * config problems; a Grafana that fails is part of the view. Only a bug, or a Juju that fails, throws.
 */
export function observe(world: World): Promise<Observed> {
  return traced('observe', () => lookAgainAsFollower(world));
}

async function lookAgainAsFollower(world: World): Promise<Observed> {
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
  const given = tools.configGet();
  const [config, { preferences, problems }, leader, status] = await Promise.all([
    given.then(readConfig),
    given.then(readPreferences),
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
  if (context.event.kind === 'secret-changed') await moveOn(tools, context.event.secretId);
  const [grafanas, sending, receiving, plainSources, peer, login, operators, own, datasource] =
    await Promise.all([
      reads.grafanaSource ? grafanaRelations(tools, self) : [],
      reads.exchange ? exchangeRelations(tools, self, 'send-datasource') : [],
      reads.exchange ? exchangeRelations(tools, self, 'receive-datasource') : [],
      reads.sources ? sourceRelations(tools, self, context.event) : null,
      reads.peer ? peerRelation(tools, self) : null,
      logIn(tools, self, config),
      operatorsSecureJsonData(tools, self, config),
      reads.secret ? readOwnSecret(tools, self) : null,
      datasourceView(tools, self, config, preferences),
    ]);
  const fingerprints = new Fingerprints(login.auth, peer, world);
  const ofOperator = [config.gateway?.credentials, config.secureJsonData].filter(isText);
  const [{ sources, secrets: ofSources }, secret, { gateway, grafana }, tracing] = await Promise.all([
    plainSources === null
      ? { sources: null, secrets: new Map() }
      : withSecrets(tools, plainSources, ofOperator, fingerprints.of),
    leader ? secretView(world, self, own, operators.data, grafanas) : null,
    grafanaView(world, self, config, login.auth, plainSources ?? []),
    world.tracing ? tracingView(tools, self, world.tracing) : null,
  ]);
  const view: View = {
    self,
    configProblems: [...config.problems, ...problems, ...login.problems, ...operators.problems],
    datasource,
    grafanas,
    secret,
    exchange: [...sending, ...receiving],
    gateway,
    sources,
    peer,
    fingerprintKey: fingerprints.key,
    tracing,
    status,
  };
  return { view, grafana, secrets: { own: operators.data, ofSources } };
}

/** Who is told of a new revision goes on to it: as long as somebody reads the old one, nobody removes that. */
async function moveOn(tools: HookTools, uri: string): Promise<void> {
  try {
    await tools.secretGet({ uri }, { refresh: true });
  } catch (error) {
    if (!isHookToolError(error)) throw error;
  }
}

/** Only the leader of a datasource shares secrets. */
async function operatorsSecureJsonData(
  tools: HookTools,
  self: Self,
  { datasource, secureJsonData }: CharmConfig,
): Promise<{ data: SecureJsonData | null; problems: readonly string[] }> {
  if (datasource === null || secureJsonData === null || !self.leader) return { data: null, problems: [] };
  const { readSecureJsonDataOption } = await import('./secure-json-data.ts');
  const secret = await readSecureJsonDataOption(tools, self.app, secureJsonData);
  return 'problem' in secret
    ? { data: null, problems: [secret.problem] }
    : { data: secret.value, problems: [] };
}

function isText(value: string | null | undefined): value is string {
  return typeof value === 'string';
}

/** What only a gateway does is loaded by gateways only. */
async function grafanaView(
  world: World,
  self: Self,
  { gateway }: CharmConfig,
  auth: GrafanaAuth | null,
  sources: readonly PlainSource[],
): Promise<ObservedGateway | { gateway: null; grafana: null }> {
  if (gateway === null) return { gateway: null, grafana: null };
  const { observeGateway } = await import('./gateway.ts');
  const mayHaveCorrelations = sources.some(({ localAppData }) => isTakingCorrelations(localAppData));
  return observeGateway(world, self, gateway, auth, mayHaveCorrelations);
}

/** Only the leader of a gateway logs in to Grafana. */
async function logIn(
  tools: HookTools,
  self: Self,
  { gateway }: CharmConfig,
): Promise<{ auth: GrafanaAuth | null; problems: readonly string[] }> {
  if (gateway === null || !self.leader) return { auth: null, problems: [] };
  const { readCredentials } = await import('./credentials.ts');
  const credentials = await readCredentials(tools, self.app, gateway.credentials);
  return 'problem' in credentials
    ? { auth: null, problems: [credentials.problem] }
    : { auth: credentials.value, problems: [] };
}

async function datasourceView(
  tools: HookTools,
  self: Self,
  { datasource }: CharmConfig,
  preferences: Preferences,
): Promise<View['datasource']> {
  if (datasource === null) return null;
  const { type, urlTemplate } = datasource;
  const address = needsAddress(urlTemplate) ? await ingressAddress(tools) : '';
  const values = { unit: self.unitNumber, app: self.app, model: self.model, address };
  return { type, url: fillIn(urlTemplate, values), perUnit: isPerUnit(urlTemplate), preferences };
}

async function ingressAddress(tools: HookTools): Promise<string> {
  const { ingressAddresses, bindAddresses } = await tools.networkGet('grafana-source');
  return (
    ingressAddresses[0] ?? bindAddresses[0]?.addresses[0]?.value ?? (await tools.unitGet('private-address'))
  );
}
