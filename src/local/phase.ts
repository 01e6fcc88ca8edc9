import type { Step } from './scenario.ts';

/**
 * A part of a run that ends with everybody having nothing left to say: the model as it is built, each step, and waking.
 */
export interface Phase {
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly description: string;
}

/** Every phase of a scenario, in order. */
export function phasesOf(steps: readonly Step[]): Phase[] {
  const descriptions = ['deploy and relate', ...steps.map(describe), 'update-status'];
  return descriptions.map((description, i) => ({ number: i + 1, of: descriptions.length, description }));
}

/** A step as an operator would say it: `add-unit mimir 2`. */
function describe(step: Step): string {
  const { deploy, 'add-unit': add, config } = step;
  if (deploy !== undefined) return `deploy ${Object.keys(deploy).join(' ')}`;
  if (add !== undefined) return `add-unit ${add.app} ${add.count}`;
  if (config !== undefined) return `config ${config.app} ${Object.keys(config.set).join(' ')}`;
  const [[verb, what] = ['', '']] = Object.entries(step);
  return `${verb} ${Array.isArray(what) ? what.join(' ') : what}`;
}
