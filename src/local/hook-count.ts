import type { Activity } from '#lib/juju-local';

/** Counts hooks, retries included, but no actions: those are the runner's own questions. */
export class HookCount {
  hooks = 0;
  failedHooks = 0;
  #ended = false;

  /** What comes later is not counted. */
  end(): void {
    this.#ended = true;
  }

  activity(activity: Activity): void {
    if (this.#ended || activity.kind !== 'hook-ended' || activity.action) return;
    this.hooks += 1;
    if (activity.result === 'failed' || activity.result === 'terminated') this.failedHooks += 1;
  }
}
