import type { ReportedLink, ScenarioResult } from '#src/local';
import { table, wrapped } from './table.ts';

/** The end of a scenario as a table for people: who is linked to whom in which Grafana, and why not where not. */
export function report(result: ScenarioResult, elapsedMs: number): string {
  const sections = [
    heading(result, elapsedMs),
    unitLines(result),
    ...result.grafanas.map((grafana) => grafanaLines(grafana, result.links)),
    otherLines(result),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function heading({ scenario, settled, hooks, failedHooks }: ScenarioResult, elapsedMs: number): string[] {
  const state = settled ? 'settled' : 'NOT settled';
  const failed = failedHooks === 0 ? '' : `, ${failedHooks} of them failed`;
  const seconds = (elapsedMs / 1000).toFixed(1);
  return wrapped(`Scenario ${scenario}: ${state} after ${count(hooks, 'hook')}${failed}, in ${seconds} s`, 0);
}

function unitLines({ applications }: ScenarioResult): string[] {
  const rows = applications.flatMap(({ units }) =>
    units.map(({ name, leader, status, message }) => [leader ? `${name}*` : name, status, message]),
  );
  return rows.length === 0 ? ['No units'] : ['Units (* leader)', ...table(rows)];
}

function grafanaLines(
  { name, grafanaUid, url, datasources }: ScenarioResult['grafanas'][number],
  links: readonly ReportedLink[],
): string[] {
  const here = links.filter((link) => link.grafanaUid === grafanaUid && grafanaUid !== null);
  const title = wrapped(`Grafana ${name} at ${url}: ${count(datasources.length, 'datasource')}`, 0);
  return [...title, ...(here.length === 0 ? ['  no links'] : linkTable(here))];
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
  return [...table(rows, ['FROM', 'KIND', 'TO']), ...whyNot(links)];
}

/** Each reason once, with the kinds of link that it holds for: the units of an application have the same reasons. */
function whyNot(links: readonly ReportedLink[]): string[] {
  const missing = links.filter(({ to }) => to === null);
  return [...Map.groupBy(missing, ({ from }) => from.app)].flatMap(([app, ofApp]) => {
    const reasons = ofApp.flatMap(({ kind, reasons }) =>
      reasons.map(({ message, remedy }) => ({
        kind,
        text: remedy === '' ? message : `${message}; to mend it, ${remedy}`,
      })),
    );
    return [...Map.groupBy(reasons, ({ text }) => text)].flatMap(([text, same]) => {
      const kinds = [...new Set(same.map(({ kind }) => kind))].join(', ');
      return [...wrapped(`${app} not linked: ${kinds}`, 2), ...wrapped(text, 4)];
    });
  });
}

function count(n: number, what: string): string {
  return `${n} ${n === 1 ? what : `${what}s`}`;
}
