/** A plugin can't be built as it stands. Each problem is one line that says where it is and what to do. */
export class PluginBuildError extends Error {
  override readonly name = 'PluginBuildError';
  readonly problems: readonly string[];

  constructor(problems: string | readonly string[], options?: ErrorOptions) {
    const list = typeof problems === 'string' ? [problems] : problems;
    super(list.join('\n'), options);
    this.problems = list;
  }
}

/** The words of whatever was thrown. */
export function why(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether a file or folder is just not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
