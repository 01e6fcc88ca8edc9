/** The world that caught a bug. */
export interface Found {
  readonly seed: number;
  /** The first thing that was wrong there. */
  readonly problem: string;
}
