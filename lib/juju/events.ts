import type { UnitName } from './unit-name.ts';

/** A relation as a hook's environment names it. */
interface RelationFields {
  readonly endpoint: string;
  readonly relationId: number;
  /** Empty when the agent does not know it (relation-broken after its restart): ask `relationListApp`. */
  readonly remoteApp: string;
}

interface SecretFields {
  /** As Juju gives it: `secret:<id>`. */
  readonly secretId: string;
  /** Empty when this unit gave the secret no label. */
  readonly label: string;
}

/**
 * Why Juju started this process, read from its environment by {@link parseHookContext}.
 * `unknown` is any hook that this library has no name for: a charm that reconciles can treat it like any other.
 * @see juju/juju: worker/uniter/runner/context/env.go
 */
export type HookEvent =
  | {
      readonly kind:
        | 'install'
        | 'start'
        | 'stop'
        | 'remove'
        | 'config-changed'
        | 'update-status'
        | 'upgrade-charm'
        | 'leader-elected'
        | 'leader-settings-changed';
    }
  | ({ readonly kind: 'relation-created' } & RelationFields)
  | ({ readonly kind: 'relation-joined'; readonly remoteUnit: UnitName } & RelationFields)
  /** Without `remoteUnit` it was the remote *application's* databag that changed. */
  | ({ readonly kind: 'relation-changed'; readonly remoteUnit?: UnitName } & RelationFields)
  /** `departingUnit` is this unit itself when it is the one that leaves. */
  | ({
      readonly kind: 'relation-departed';
      readonly remoteUnit?: UnitName;
      readonly departingUnit?: UnitName;
    } & RelationFields)
  | ({ readonly kind: 'relation-broken' } & RelationFields)
  | ({ readonly kind: 'secret-changed' | 'secret-rotate' } & SecretFields)
  | ({ readonly kind: 'secret-remove' | 'secret-expired'; readonly revision: number } & SecretFields)
  | {
      readonly kind: 'storage-attached' | 'storage-detaching';
      readonly storage: string;
      readonly storageId: string;
      readonly location: string;
    }
  | { readonly kind: 'pebble-ready'; readonly workload: string }
  | {
      readonly kind: 'pebble-custom-notice';
      readonly workload: string;
      readonly noticeId: string;
      readonly noticeType: string;
      readonly noticeKey: string;
    }
  | {
      readonly kind: 'pebble-check-failed' | 'pebble-check-recovered';
      readonly workload: string;
      readonly checkName: string;
    }
  | { readonly kind: 'action'; readonly action: string; readonly actionId: string }
  /** `juju exec`: an operator's own command in a hook's environment. */
  | { readonly kind: 'exec' }
  | { readonly kind: 'unknown'; readonly hook: string };
