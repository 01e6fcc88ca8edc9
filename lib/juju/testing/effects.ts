import type { CloudCredential, GoalState, LogLevel, Status } from '../hook-tools.ts';
import type { SecretTracking } from './state.ts';

/**
 * What takes effect while the hook runs, and stays when the hook fails: callbacks into whatever stands behind a
 * {@link MemoryHookTools}. All are optional; without them the writes show in later reads and go nowhere else.
 */
export interface Effects {
  /** Asked at every call that depends on leadership, until it first answers false. Default: `state.leader`. */
  isLeader?(): boolean;
  statusSet?(status: Status, scope: 'unit' | 'application'): void;
  versionSet?(version: string): void;
  /** `message` carries Juju's prefix in relation hooks: `db:3: `. */
  log?(level: LogLevel, message: string): void;
  actionLog?(message: string): void;
  secretTracking?(tracking: SecretTracking): void;
  /** `now`: the hook is to be ended and run again after the reboot. */
  reboot?(now: boolean): void;
  /** @returns 20 characters of `[a-z0-9]`, like Juju's. Default: numbered, so that equal runs give equal ids. */
  newSecretId?(): string;
  /** Default: made from the state. */
  goalState?(): GoalState;
  /** Without it the application is not trusted, and `credential-get` is refused. */
  credential?(): CloudCredential;
}
