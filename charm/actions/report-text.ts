import { printableIn, wrapped } from '#src/text';
import type { Report } from './report.ts';

/** What `reconcile` did, as text for people, in lines as wide as a terminal unless a single name is longer. */
export function reportText(report: Report): string {
  const { unit, datasources, correlations, databags, failures, status, leftToLeader } = printableIn(report);
  const app = unit.replace(/\/.*$/, '');
  const inGrafana = datasources.flatMap(({ kind, uid, name }) => [
    `  ${kind} ${uid}`,
    ...wrapped(`named ${name}`, 6),
  ]);
  const correlated = correlations.flatMap(({ kind, sourceUid, targetUid, correlation }) => [
    `  ${kind} ${correlation}`,
    ...wrapped(`from ${sourceUid} to ${targetUid}`, 6),
  ]);
  const written = databags.flatMap(({ relation, endpoint, remoteApp, bag, keys }) => [
    `  ${bag} databag of relation ${relation} (${endpoint}, ${remoteApp})`,
    ...wrapped(keys.join(' '), 6),
  ]);
  const refused = failures.flatMap(({ uid, remedy }) => [
    `  ${uid}`,
    ...wrapped(`To mend it, ${remedy}.`, 6),
  ]);
  const nothing =
    datasources.length === 0 && correlations.length === 0 && databags.length === 0 && !status.changed;
  return [
    ...(nothing ? ['Nothing changed.'] : []),
    ...section('Datasources in Grafana', inGrafana),
    ...section('Correlations in Grafana', correlated),
    ...section('Databags', written),
    ...section('Not done', refused),
    ...section(
      `Left to the leader (juju run ${app}/leader reconcile)`,
      leftToLeader.flatMap((what) => wrapped(what, 2)),
    ),
    ...section(
      status.changed ? 'Status, new' : 'Status, as before',
      wrapped(`${status.status}: ${status.message}`, 2),
    ),
  ].join('\n');
}

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [heading, ...lines];
}
