/**
 * Whether this unit leads, as one hook may see it: checked anew at each call while true, but once false it stays
 * false until the hook ends.
 * @see juju/juju: worker/uniter/runner/context/leader.go
 */
export class Leadership {
  readonly #ask: () => boolean;
  #lost = false;

  constructor(ask: () => boolean) {
    this.#ask = ask;
  }

  check(): boolean {
    this.#lost ||= !this.#ask();
    return !this.#lost;
  }
}
