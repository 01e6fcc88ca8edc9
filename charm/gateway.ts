import type { GatewayView, GrafanaState, Self } from '#src/exchange';
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
 */
export async function observeGateway(
  { grafanaClient }: World,
  self: Self,
  config: NonNullable<CharmConfig['gateway']>,
  auth: GrafanaAuth | null,
): Promise<ObservedGateway> {
  // Made of what stays the same for ever: neither the leader nor the URL is in it.
  const marker = `juju_${self.model}_${self.modelUuid}_${self.app}`;
  const known = { grafanaUid: config.uid ?? marker, baseUrl: config.url, marker };
  if (auth === null) return { gateway: { ...known, work: null }, grafana: null };
  try {
    const grafana = await grafanaClient({
      url: config.url,
      auth,
      budgetMs,
      ...(config.ca !== undefined && { ca: config.ca }),
    });
    const datasources = await grafana.listDatasources();
    return { gateway: { ...known, work: { grafana: { state: 'ok', datasources } } }, grafana };
  } catch (error) {
    if (!isGrafanaApiError(error) || error.fixedBy === 'developer') throw error;
    const failed: GrafanaState = { state: 'failed', fixedBy: error.fixedBy, remedy: error.remedy };
    return { gateway: { ...known, work: { grafana: failed } }, grafana: null };
  }
}
