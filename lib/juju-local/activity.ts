import type { LogLevel, Status, UnitName } from '#lib/juju';

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
