import type { UnitName } from '#lib/juju';
import { type Application, type ModelState, unitsOf } from './state.ts';

/** Hands leadership over; null when no unit is left to lead. */
export function setLeader(app: Application, leader: UnitName | null): void {
  if (app.leader === leader) return;
  app.leader = leader;
  app.leaderTerm += 1;
}

/**
 * Finds a leader for an application that has none: the first unit, those that stay before those that leave.
 * A dying leader keeps its lease until it is gone, as in Juju.
 */
export function electLeader(state: ModelState, app: Application): void {
  if (app.leader !== null && state.units.has(app.leader)) return;
  const units = unitsOf(state, app.name);
  const next = units.find(({ life }) => life === 'alive') ?? units[0];
  setLeader(app, next?.name ?? null);
}
