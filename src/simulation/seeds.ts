import fc from 'fast-check';
import { anyPlan } from './any-plan.ts';
import type { SimulatedCharm } from './charms.ts';
import type { Plan } from './plan.ts';
import { type Outcome, simulate } from './simulate.ts';

/** @param seed - a whole number @returns the plan that follows from it */
export function planOf(seed: number): Plan {
  const [plan] = fc.sample(anyPlan, { seed, numRuns: 1, unbiased: true });
  if (plan === undefined) throw new Error(`no plan for seed ${seed}`);
  return plan;
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
    return { problems: [`the simulation fails: ${text}`], hooks: 0, toRest: undefined, troubles: new Map() };
  }
}
