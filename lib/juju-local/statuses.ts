import type { Status } from '#lib/juju';
import { type Application, type ModelState, type Unit, unitsOf } from './state.ts';

/** Worst first: an application whose charm set no status shows the worst of its units. */
const severity = ['error', 'blocked', 'maintenance', 'waiting', 'active', 'unknown'] as const;

/** @returns the application's status, derived from its units when its charm set none */
export function applicationStatus(state: ModelState, app: Application): Status {
  if (app.status) return app.status;
  const rank = ({ status }: Status) => severity.indexOf(status);
  const [worst] = unitsOf(state, app.name)
    .map(unitStatus)
    .sort((a, b) => rank(a) - rank(b));
  return worst ?? { status: 'unknown', message: '' };
}

/** @returns the unit's status as `juju status` shows it: a failed hook outshines what the charm says */
export function unitStatus(unit: Unit): Status {
  if (unit.failedHook === null) return unit.status;
  return { status: 'error', message: `hook failed: ${JSON.stringify(unit.failedHook)}` };
}
