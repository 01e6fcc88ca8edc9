/** A change of the charm's source that breaks one of its promises. */
export interface PlantedBug {
  readonly name: string;
  /** What no longer holds. */
  readonly breaks: string;
  readonly patches: readonly Patch[];
}

export interface Patch {
  /** From the project's folder. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly replace: string;
  readonly by: string;
}
