/** A row of the table of cases in the README that are not run. */
export interface SkippedCase {
  /** The last parts of a test's name, or what else it is. */
  readonly name: string;
  readonly reason: string;
}

const row = /^\| `?([^|`]+?)`? *\| *([^|]+?) *\|$/;

/** @param readme - which has the rows under a heading `## Skipped` */
export function skippedCases(readme: string): readonly SkippedCase[] {
  const [, section = ''] = readme.split('\n## Skipped\n');
  const [table = ''] = section.split('\n## ');
  const rows = table.split('\n').flatMap((line) => {
    const [, name, reason] = row.exec(line) ?? [];
    return name === undefined || reason === undefined || /^-+$/.test(name) ? [] : [{ name, reason }];
  });
  // The first row is the heading.
  return rows.slice(1);
}

export function reasonFor(test: string, cases: readonly SkippedCase[]): string | undefined {
  return cases.find(({ name }) => test === name || test.endsWith(`/${name}`))?.reason;
}
