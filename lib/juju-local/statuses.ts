import { type Status, worstStatus } from '#lib/juju';
import { type Application, type ModelState, type Unit, unitsOf } from './state.ts';

/** @returns the application's status; the most pressing of its units' when its charm set none */
export function applicationStatus(state: ModelState, app: Application): Status {
  if (app.status) return app.status;
  return worstStatus(unitsOf(state, app.name).map(unitStatus)) ?? { status: 'unknown', message: '' };
}

/** @returns the unit's status as `juju status` shows it: a failed hook outshines what the charm says */
export function unitStatus(unit: Unit): Status {
  if (unit.failedHook === null) return unit.status;
  return { status: 'error', message: `hook failed: ${JSON.stringify(unit.failedHook)}` };
}
