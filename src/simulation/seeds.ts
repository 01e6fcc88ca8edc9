import fc from 'fast-check';
import { anyPlan } from './any-plan.ts';
import type { SimulatedCharm } from './charms.ts';
import type { Plan } from './plan.ts';
import { type Outcome, simulate } from './simulate.ts';

/** One value for each seed, spread evenly over all that there can be. */
const evenly = (seed: number) => ({ seed, numRuns: 1, unbiased: true });

/** @param seed - a whole number @returns the plan that follows from it */
export function planOf(seed: number): Plan {
  const [plan] = fc.sample(anyPlan, evenly(seed));
  if (plan === undefined) throw new Error(`no plan for seed ${seed}`);
  return plan;
}

/** A plan that fails, and how. */
export interface Failure {
  readonly plan: Plan;
  readonly outcome: Outcome;
}

/** A simulation that throws has failed: what went wrong is one of its problems. */
export async function judge(
  plan: Plan,
  charm: SimulatedCharm,
  trace?: (line: string) => void,
): Promise<Outcome> {
  try {
    return await simulate(plan, charm, trace);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { problems: [`the simulation fails: ${text}`], hooks: 0, troubles: new Map() };
  }
}

/**
 * Leaves out of a failing plan whatever it fails without: first what changes nothing, then bit by bit.
 * @param tries - how many plans are tried at most
 * @returns the smallest plan that was found to fail; undefined when the seed does not fail
 */
export async function shrink(
  seed: number,
  charm: SimulatedCharm,
  { tries = 500 }: { readonly tries?: number } = {},
): Promise<Failure | undefined> {
  let smallest: Failure | undefined;
  let left = tries;
  const holds = fc.asyncProperty(anyPlan, async (plan) => {
    left -= 1;
    // Enough: what is not tried any more counts as well, and ends the search.
    if (left < 0) return true;
    const outcome = await judge(plan, charm);
    if (outcome.problems.length === 0) return true;
    smallest = { plan, outcome };
    return false;
  });
  await fc.check(holds, evenly(seed));
  return smallest;
}
