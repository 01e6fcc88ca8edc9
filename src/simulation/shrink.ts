import type { SimulatedCharm } from './charms.ts';
import type { Plan } from './plan.ts';
import { judge } from './seeds.ts';
import type { Outcome } from './simulate.ts';

/** How many plans are tried: what is small by then is small enough to look at. */
const mostTries = 600;

/** A plan that fails, and how. */
export interface Failure {
  readonly plan: Plan;
  readonly outcome: Outcome;
}

/**
 * Leaves out of a plan whatever it fails without, bit by bit: fast-check can only take back what a plan was drawn from,
 * and not what it has come to.
 * @returns the smallest plan that was found to fail; undefined when this one does not
 */
export async function shrink(plan: Plan, charm: SimulatedCharm): Promise<Failure | undefined> {
  const outcome = await judge(plan, charm);
  if (outcome.problems.length === 0) return undefined;
  let smallest: Failure = { plan, outcome };
  let left = mostTries;
  for (let next = await smaller(); next; next = await smaller()) smallest = next;
  return smallest;

  async function smaller(): Promise<Failure | undefined> {
    for (const simpler of simplifications(smallest.plan)) {
      if (left === 0) return undefined;
      left -= 1;
      const found = await judge(simpler, charm);
      if (found.problems.length > 0) return { plan: simpler, outcome: found };
    }
    return undefined;
  }
}

const lists = ['troubles', 'exchanges', 'registrations', 'datasources', 'gateways', 'grafanas'] as const;
/** Of which there is at least one. */
const needed: ReadonlySet<string> = new Set(['datasources', 'gateways', 'grafanas']);

/** Plans that are a little simpler, those that leave out the most first. */
function* simplifications(plan: Plan): Iterable<Plan> {
  for (const key of lists) {
    for (const shorter of withoutParts<unknown>(plan[key], needed.has(key) ? 1 : 0)) {
      yield { ...plan, [key]: shorter };
    }
  }
  if (plan.concurrency > 1) yield { ...plan, concurrency: 1 };
  if (plan.schedule > 0) yield { ...plan, schedule: 0 };
  for (const key of lists) {
    for (const [n, member] of plan[key].entries()) {
      for (const plainer of plainerThan(member)) {
        yield { ...plan, [key]: plan[key].map((one, i) => (i === n ? plainer : one)) };
      }
    }
  }
}

/** Without one half, without the other, and so on down to single members. */
function* withoutParts<T>(all: readonly T[], least: number): Iterable<readonly T[]> {
  for (let size = Math.ceil(all.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < all.length; from += size) {
      const rest = [...all.slice(0, from), ...all.slice(from + size)];
      if (rest.length >= least) yield rest;
    }
  }
}

/** The same with one of its values as plain as can be, or half of what it was. */
function* plainerThan(member: object): Iterable<object> {
  for (const [key, value] of Object.entries(member)) {
    const least = key === 'units' || key === 'requests' ? 1 : 0;
    if (typeof value === 'number' && value > least) {
      for (const less of new Set([least, Math.floor(value / 2), value - 1])) {
        if (less >= least && less < value) yield changed(member, key, less);
      }
    } else if (value === true) yield changed(member, key, false);
    else if (key === 'prefers' && value !== null) yield changed(member, key, null);
    else if (key === 'letter' && value !== 'a') yield changed(member, key, 'a');
    else if (key === 'charm' && value !== 'crosslink') yield changed(member, key, 'crosslink');
  }
}

function changed(member: object, key: string, value: unknown): object {
  if (Array.isArray(member)) return member.map((one: unknown, n) => (String(n) === key ? value : one));
  return { ...member, [key]: value };
}
