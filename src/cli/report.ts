import type { ReportedLink, ScenarioResult } from '#src/local';

/** The end of a scenario as a table for people: who is linked to whom in which Grafana, and why not where not. */
export function report(result: ScenarioResult, elapsedMs: number): string {
  const { scenario, settled, hooks, failedHooks } = result;
  const state = settled ? 'settled' : 'NOT settled';
  const failed = failedHooks === 0 ? '' : `, ${failedHooks} of them failed`;
  const sections = [
    [`Scenario ${scenario}: ${state} after ${hooks} hooks${failed}, in ${(elapsedMs / 1000).toFixed(1)} s`],
    unitLines(result),
    ...result.grafanas.map((grafana) => grafanaLines(grafana, result.links)),
    otherLines(result),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function unitLines({ applications }: ScenarioResult): string[] {
  const rows = applications.flatMap(({ units }) =>
    units.map(({ name, leader, status, message }) => [leader ? `${name}*` : name, status, message]),
  );
  return ['Units (* leader)', ...table(rows, [])];
}

function grafanaLines(
  { name, grafanaUid, url, datasources }: ScenarioResult['grafanas'][number],
  links: readonly ReportedLink[],
): string[] {
  const here = links.filter((link) => link.grafanaUid === grafanaUid && grafanaUid !== null);
  const title = `Grafana ${name} at ${url}: ${datasources.length} datasources`;
  if (here.length === 0) return [title, '  no links'];
  return [title, ...linkTable(here)];
}

/** Links that are in none of the scenario's Grafanas. */
function otherLines({ grafanas, links }: ScenarioResult): string[] {
  const known = new Set(grafanas.map(({ grafanaUid }) => grafanaUid).filter((uid) => uid !== null));
  const others = links.filter(({ grafanaUid }) => grafanaUid === null || !known.has(grafanaUid));
  return others.length === 0 ? [] : ['In no Grafana of this scenario', ...linkTable(others)];
}

function linkTable(links: readonly ReportedLink[]): string[] {
  const rows = links.map(({ from, kind, to }) => [
    from.uid ?? from.app,
    kind,
    to === null ? 'not linked' : (to.uid ?? to.app),
  ]);
  const lines = table(rows, ['FROM', 'KIND', 'TO']);
  const reasons = new Map<string, string[]>();
  for (const { kind, to, reasons: why } of links) {
    if (to !== null) continue;
    for (const { message, remedy } of why) {
      const line = remedy === '' ? message : `${message}; to mend it, ${remedy}`;
      reasons.set(line, [...new Set([...(reasons.get(line) ?? []), kind])]);
    }
  }
  const explained = [...reasons].flatMap(([line, kinds]) => [
    `  not linked: ${kinds.join(', ')}`,
    ...wrapped(line, 4, columns),
  ]);
  return [...lines, ...explained];
}

const columns = 80;

/** Columns as wide as their widest cell; what does not fit into the last one goes on below, under itself. */
function table(rows: readonly (readonly string[])[], head: readonly string[]): string[] {
  const all = head.length > 0 ? [head, ...rows] : rows;
  const last = (all[0]?.length ?? 1) - 1;
  const widths = Array.from({ length: last }, (_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  const indent = widths.reduce((sum, width) => sum + width + 2, 2);
  return all.flatMap((row) => {
    const start = widths.map((width, i) => `${(row[i] ?? '').padEnd(width)}  `).join('');
    const [first = '', ...more] = wrapped(row[last] ?? '', indent, columns);
    return [`  ${start}${first.slice(indent)}`.trimEnd(), ...more];
  });
}

/** Breaks text at spaces into indented lines of at most `width` columns; a long word stands by itself. */
function wrapped(text: string, indent: number, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((one) => `${' '.repeat(indent)}${one}`);
}
