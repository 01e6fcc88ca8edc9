import type { LogLevel, Status, UnitName } from '#lib/juju';

/** How often a hook asked its agent: over the socket, and by hook tools as processes. A function's calls are neither. */
export interface ToolCalls {
  readonly socket: number;
  readonly processes: number;
}

/** What happens in a model, as it happens. Plain data. */
export type Activity =
  | {
      readonly kind: 'hook-started';
      readonly unit: UnitName;
      readonly hook: string;
      /** `hook` is the name of an action. */
      readonly action: boolean;
      readonly attempt: number;
    }
  | {
      readonly kind: 'hook-ended';
      readonly unit: UnitName;
      readonly hook: string;
      readonly action: boolean;
      readonly attempt: number;
      readonly result: 'ok' | 'skipped' | 'failed' | 'terminated';
      /** Null: it did not exit by itself. */
      readonly exitCode: number | null;
      readonly durationMs: number;
      readonly toolCalls: ToolCalls;
    }
  /** Juju's log: what charms wrote with juju-log, their stdout (DEBUG) and stderr (WARNING), and the agent. */
  | {
      readonly kind: 'log';
      readonly unit: UnitName;
      /** Of the hook that wrote it: `unit.tempo/0.install`; of the tool: `unit.tempo/0.juju-log`. */
      readonly module: string;
      readonly level: LogLevel;
      readonly message: string;
    }
  | { readonly kind: 'unit-status'; readonly unit: UnitName; readonly status: Status }
  | { readonly kind: 'application-status'; readonly app: string; readonly status: Status }
  | {
      readonly kind: 'databag-changed';
      readonly relationId: number;
      /** A unit, or an application. */
      readonly of: string;
      readonly keys: readonly string[];
    }
  /** How many units run a hook, have one to run, or wait to run one again. Told when it changes; 0: all is settled. */
  | { readonly kind: 'busy'; readonly units: number }
  /**
   * A unit, application or relation came or went, or leadership changed hands. `subject` is its name, the new
   * leader's, or for a relation `tempo:grafana-source grafana:datasources (id 3)`.
   */
  | {
      readonly kind: 'model-changed';
      readonly change:
        | 'application-added'
        | 'application-removed'
        | 'unit-added'
        | 'unit-removed'
        | 'relation-added'
        | 'relation-removed'
        | 'leader-changed';
      readonly subject: string;
    };
