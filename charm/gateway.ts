import type { CorrelationsState, GatewayView, GrafanaState, Self } from '#src/exchange';
import { type GrafanaAuth, type GrafanaClient, isGrafanaApiError } from '#src/grafana';
import type { CharmConfig } from './config.ts';
import type { World } from './world.ts';

/** This application as the gateway of a Grafana, and that Grafana: null for all but a leader that can log in. */
export interface ObservedGateway {
  readonly gateway: GatewayView;
  readonly grafana: GrafanaClient | null;
}

/** For all that one hook asks of Grafana: other charms of the machine wait for it. What is left the next hook does. */
const budgetMs = 60_000;

/**
 * Asks Grafana what it has.
 * @param auth - null for a follower, and for a leader that has no usable credentials: neither asks
 * @param mayHaveCorrelations - whether some were made before, so that they are looked for though none are wanted
 */
export async function observeGateway(
  { grafanaClient }: World,
  self: Self,
  config: NonNullable<CharmConfig['gateway']>,
  auth: GrafanaAuth | null,
  mayHaveCorrelations: boolean,
): Promise<ObservedGateway> {
  // Made of what stays the same for ever: neither the leader nor the URL is in it.
  const marker = `juju_${self.model}_${self.modelUuid}_${self.app}`;
  const known = {
    grafanaUid: config.uid ?? marker,
    baseUrl: config.url,
    marker,
    correlations: config.correlations,
  };
  if (auth === null) return { gateway: { ...known, work: null }, grafana: null };
  try {
    const grafana = await grafanaClient({
      url: config.url,
      auth,
      budgetMs,
      ...(config.ca !== undefined && { ca: config.ca }),
    });
    const [datasources, correlations] = await Promise.all([
      grafana.listDatasources(),
      config.correlations || mayHaveCorrelations ? listCorrelations(grafana) : null,
    ]);
    return { gateway: { ...known, work: { grafana: { state: 'ok', datasources }, correlations } }, grafana };
  } catch (error) {
    return { gateway: { ...known, work: { grafana: failed(error) } }, grafana: null };
  }
}

/** That these can't be had is no reason not to do the rest. */
async function listCorrelations(grafana: GrafanaClient): Promise<CorrelationsState> {
  try {
    const held = await grafana.listCorrelations();
    return held === undefined ? { state: 'unsupported' } : { state: 'ok', held };
  } catch (error) {
    return failed(error);
  }
}

/** @throws what is no trouble of Grafana's */
function failed(error: unknown): Extract<GrafanaState, { state: 'failed' }> {
  if (!isGrafanaApiError(error) || error.fixedBy === 'developer') throw error;
  return { state: 'failed', fixedBy: error.fixedBy, remedy: error.remedy };
}
