import { isHookToolError, type SettableStatus } from '#lib/juju';
import type { DatabagIntent, Intent } from '#src/exchange';
import type { GrafanaApiError } from '#src/grafana';
import { type ProvisionResult, provision } from '#src/grafana/provisioner';
import type { Observed } from './observe.ts';
import type { World } from './world.ts';

/**
 * Carries out what was decided: Grafana first, then databags, then status. Where Grafana failed, those who depend
 * on it are told nothing new; the next hook tries again.
 * @throws what only a change of this code can mend; the hook fails and its stack lands in the Juju log
 */
export async function apply(intent: Intent, observed: Observed, world: World): Promise<void> {
  const { failures } = await provisioned(intent, observed);
  for (const databag of intent.databags) {
    if (databag.needs.some((uid) => failures.has(uid))) continue;
    await write(databag, world);
  }
  const [failure] = failures.values();
  const { status } = observed.view;
  if (failure?.fixedBy === 'developer') throw failure;
  // What the operator has to mend in any case comes before a Grafana that may be well again by itself.
  const isBlocked = (intent.status ?? status).status === 'blocked';
  if (failure === undefined || isBlocked) {
    if (intent.status !== null) await world.tools.statusSet(intent.status.status, intent.status.message);
    return;
  }
  const failed = statusOf(failure);
  if (failed.status !== status.status || failed.message !== status.message) {
    await world.tools.statusSet(failed.status, failed.message);
  }
}

async function provisioned(
  intent: Intent,
  { grafana }: Observed,
): Promise<Pick<ProvisionResult, 'failures'>> {
  if (grafana === null || intent.provision.length === 0) return { failures: new Map() };
  return provision(grafana, intent.provision);
}

async function write({ relationId, bag, changes }: DatabagIntent, { tools }: World): Promise<void> {
  try {
    await tools.relationSet({ relationId, app: bag === 'app', data: changes });
  } catch (error) {
    // Leadership or the relation can go while the hook runs. Whoever leads next does the same from the same view.
    if (!isHookToolError(error, 'NOT_LEADER', 'RELATION_GONE', 'PERMISSION_DENIED')) throw error;
    await tools.jujuLog('INFO', `relation ${relationId}, ${bag} databag not written: ${error.message}`);
  }
}

function statusOf({ fixedBy, remedy }: GrafanaApiError): { status: SettableStatus; message: string } {
  return { status: fixedBy === 'operator' ? 'blocked' : 'waiting', message: remedy };
}
