import type { HookEvent } from '#lib/juju';
import { linksFrom } from '#src/exchange';
import type { CharmConfig } from './config.ts';

/** What a hook has to read. Each question goes to the agent, or is a process even: what nobody needs is not asked. */
export interface Interests {
  readonly grafanaSource: boolean;
  readonly exchange: boolean;
  readonly sources: boolean;
  readonly peer: boolean;
  /** The secret that this application shares with its Grafanas. */
  readonly secret: boolean;
}

const sweepers: ReadonlySet<string> = new Set([
  'config-changed',
  'leader-elected',
  'upgrade-charm',
  'start',
  'update-status',
  'reconcile',
]);

/**
 * An endpoint is read when a role works with it, when the event is about it, and at the events after which
 * something may have to be taken back there: config that changed, a new leader, a new charm; and when the
 * operator asks for it.
 */
export function interests(event: HookEvent, config: CharmConfig, leader: boolean): Interests {
  const about = 'endpoint' in event ? [event.endpoint] : [];
  const sweeping = sweepers.has(event.kind === 'action' ? event.action : event.kind);
  const touches = (...endpoints: string[]) =>
    sweeping || about.some((endpoint) => endpoints.includes(endpoint));
  const { datasource, gateway, secureJsonData } = config;
  return {
    grafanaSource: datasource !== null || touches('grafana-source'),
    // A follower of what is only a target neither writes to its peers nor links to them.
    exchange: leader
      ? datasource !== null || touches('send-datasource', 'receive-datasource')
      : datasource !== null && linksFrom(datasource.type),
    sources: leader && (gateway !== null || touches('datasources')),
    peer: leader,
    secret: leader && ((datasource !== null && secureJsonData !== null) || sweeping),
  };
}
