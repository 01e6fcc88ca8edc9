import type { ActionValue } from '#lib/juju';
import type { ActionOutcome } from '#lib/juju/testing';

export interface ActionResult {
  readonly status: 'completed' | 'failed';
  /**
   * What action-set said, with `return-code`, `stdout` and `stderr`. Output that is no UTF-8 is in base64, and
   * `stdout-encoding` or `stderr-encoding` says so.
   */
  readonly results: Readonly<Record<string, ActionValue>>;
  /** Why it failed; empty when it did not. */
  readonly message: string;
  /** What action-log said. */
  readonly log: readonly string[];
}

/** An action that waits or runs. */
export interface ActionRun {
  /** A decimal number, as Juju's are. */
  readonly id: string;
  readonly name: string;
  readonly parameters: Readonly<Record<string, ActionValue>>;
  readonly log: string[];
  outcome: ActionOutcome;
  resolve(result: ActionResult): void;
}
