import type { HookEvent } from '#lib/juju';

/** @returns the hook's name as charms know it: `install`, `db-relation-changed`, `backup` for an action */
export function hookName(event: HookEvent): string {
  switch (event.kind) {
    case 'relation-created':
    case 'relation-joined':
    case 'relation-changed':
    case 'relation-departed':
    case 'relation-broken':
      return `${event.endpoint}-${event.kind}`;
    case 'storage-attached':
    case 'storage-detaching':
      return `${event.storage}-${event.kind}`;
    case 'pebble-ready':
    case 'pebble-custom-notice':
    case 'pebble-check-failed':
    case 'pebble-check-recovered':
      return `${event.workload}-${event.kind}`;
    case 'action':
      return event.action;
    case 'unknown':
      return event.hook;
    default:
      return event.kind;
  }
}

/** @returns `hooks/<hook>` or `actions/<action>`: `JUJU_DISPATCH_PATH`, and the executable without dispatch */
export function dispatchPath(event: HookEvent): string {
  return `${event.kind === 'action' ? 'actions' : 'hooks'}/${hookName(event)}`;
}
