import { toolError } from '../errors-from-tool.ts';
import type { ActionValue } from '../hook-tools.ts';
import type { ActionOutcome, UnitState } from './state.ts';

const keyPart = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
/** Juju fills these in itself. */
const reserved = new Set(['stdout', 'stderr', 'stdout-encoding', 'stderr-encoding']);

type Tree = Map<string, string | Tree>;

/** The running action, if there is one: its parameters and what it answers. */
export class ActionBuffer {
  readonly #parameters: UnitState['actionParameters'];
  readonly #results: Tree = new Map();
  #failure: string | null = null;

  constructor(state: UnitState) {
    this.#parameters = state.actionParameters;
  }

  parameters(): Readonly<Record<string, ActionValue>> {
    return structuredClone(this.#running('action-get'));
  }

  set(results: Readonly<Record<string, string>>): void {
    for (const key of Object.keys(results)) {
      if (reserved.has(key)) throw toolError('action-set', 2, `cannot set reserved action key "${key}"`);
      if (!key.split('.').every((part) => keyPart.test(part))) {
        throw toolError(
          'action-set',
          2,
          `key "${key}" must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric, hyphens and periods`,
        );
      }
    }
    this.#running('action-set');
    for (const [key, value] of Object.entries(results)) put(this.#results, key.split('.'), value);
  }

  fail(message: string): void {
    this.#running('action-fail');
    this.#failure = message || 'action failed without reason given, check action for errors';
  }

  /** @throws {HookToolError} NOT_AVAILABLE when this is no action */
  requireRunning(tool: string): void {
    this.#running(tool);
  }

  outcome(): ActionOutcome {
    return { results: plain(this.#results), failure: this.#failure };
  }

  #running(tool: string): Readonly<Record<string, ActionValue>> {
    if (this.#parameters === null) throw toolError(tool, 1, 'not running an action');
    return this.#parameters;
  }
}

/** The later call wins: a value makes room for a branch of its name, and a branch for a value. */
function put(tree: Tree, [first, ...rest]: readonly string[], value: string): void {
  if (first === undefined) return;
  if (rest.length === 0) {
    tree.set(first, value);
    return;
  }
  const old = tree.get(first);
  const branch: Tree = old instanceof Map ? old : new Map();
  tree.set(first, branch);
  put(branch, rest, value);
}

function plain(tree: Tree): Record<string, ActionValue> {
  return Object.fromEntries(
    [...tree].map(([key, value]) => [key, value instanceof Map ? plain(value) : value]),
  );
}
