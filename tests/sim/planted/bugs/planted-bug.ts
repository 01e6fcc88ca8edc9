/** A change of the charm's source that breaks one of its promises. */
export interface PlantedBug {
  readonly name: string;
  /** What no longer holds. */
  readonly breaks: string;
  /** That a hook fails is what the bug is: of any other one that only says that its patch does not work. */
  readonly crashes?: true;
  readonly patches: readonly Patch[];
}

export interface Patch {
  /** From the project's folder. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly replace: string;
  readonly by: string;
}
