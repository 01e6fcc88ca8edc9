import { isHookToolError, type SettableStatus } from '#lib/juju';
import type { DatabagIntent, Intent } from '#src/exchange';
import type { CorrelationResult, GrafanaApiError } from '#src/grafana';
import { type ProvisionResult, type ProvisionStep, provision } from '#src/grafana/provisioner';
import { traced } from '#src/tracing';
import type { Observed } from './observe.ts';
import type { Outcome } from './outcome.ts';
import { carryOutSecret } from './own-secret.ts';
import type { SourceSecrets } from './source-secrets.ts';
import type { World } from './world.ts';

/**
 * Carries out what was decided: Grafana first, then secret and databags, then status. Where Grafana failed, those who
 * depend on it are told nothing new; the next hook tries again.
 * @returns what was done
 * @throws what only a change of this code can mend; the hook fails and its stack lands in the Juju log
 */
export function apply(intent: Intent, observed: Observed, world: World): Promise<Outcome> {
  return traced('apply', () => carryOut(intent, observed, world));
}

async function carryOut(intent: Intent, observed: Observed, world: World): Promise<Outcome> {
  const { changes, failures } = await provisioned(intent, observed);
  const correlated = await correlations(intent, observed, failures);
  const databags: Outcome['databags'][number][] = [];
  if (intent.secret !== null) {
    const told = await carryOutSecret(intent.secret, observed.secrets.own, world);
    databags.push(...told.map(({ relationId, keys }) => ({ relationId, bag: 'app', keys }) as const));
  }
  for (const databag of intent.databags) {
    if (databag.needs.some((name) => failures.has(name) || correlated.failures.has(name))) continue;
    if (!(await write(databag, world))) continue;
    const { relationId, bag } = databag;
    databags.push({ relationId, bag, keys: Object.keys(databag.changes).toSorted() });
  }
  const [failure] = [...failures.values(), ...correlated.failures.values()];
  if (failure?.fixedBy === 'developer') throw failure;
  const { status: before } = observed.view;
  // What the operator has to mend in any case comes before a Grafana that may be well again by itself.
  const isBlocked = (intent.status ?? before).status === 'blocked';
  const wanted = failure === undefined || isBlocked ? intent.status : statusOf(failure);
  const changed = wanted !== null && (wanted.status !== before.status || wanted.message !== before.message);
  if (changed) await world.tools.statusSet(wanted.status, wanted.message);
  const { status, message } = wanted ?? before;
  return {
    datasources: changes,
    correlations: correlated.changes,
    databags,
    failures: new Map([...failures, ...correlated.failures]),
    status: { status, message, changed },
  };
}

/** What only a gateway does, and only where its operator wants it, is loaded then. */
async function correlations(
  intent: Intent,
  { grafana }: Observed,
  missing: ProvisionResult['failures'],
): Promise<CorrelationResult> {
  if (grafana === null || intent.correlations.length === 0) return { changes: [], failures: new Map() };
  const { correlate } = await import('#src/grafana');
  return correlate(grafana, intent.correlations, missing);
}

async function provisioned(intent: Intent, { grafana, secrets }: Observed): Promise<ProvisionResult> {
  if (grafana === null || intent.provision.length === 0) return { changes: [], failures: new Map() };
  return provision(
    grafana,
    intent.provision.map((step) => unsealed(step, secrets.ofSources)),
  );
}

/** The step with the secrets in it that were decided on by their names. */
function unsealed(step: ProvisionStep, secrets: SourceSecrets): ProvisionStep {
  if (step.kind === 'delete' || !step.desired.sealed) return step;
  const sealed = secrets.get(step.desired.sealed.ref);
  const secureJsonData = { ...step.desired.secureJsonData, ...sealed };
  return { ...step, desired: { ...step.desired, secureJsonData } };
}

/** @returns whether it was written */
async function write({ relationId, bag, changes }: DatabagIntent, { tools }: World): Promise<boolean> {
  try {
    await tools.relationSet({ relationId, app: bag === 'app', data: changes });
    return true;
  } catch (error) {
    // Leadership or the relation can go while the hook runs. Whoever leads next does the same from the same view.
    if (!isHookToolError(error, 'NOT_LEADER', 'RELATION_GONE', 'PERMISSION_DENIED')) throw error;
    await tools.jujuLog('INFO', `relation ${relationId}, ${bag} databag not written: ${error.message}`);
    return false;
  }
}

function statusOf({ fixedBy, remedy }: GrafanaApiError): { status: SettableStatus; message: string } {
  return { status: fixedBy === 'operator' ? 'blocked' : 'waiting', message: remedy };
}
