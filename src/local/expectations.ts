import type { ScenarioResult } from './result.ts';
import type { ExpectedLink, Scenario } from './scenario.ts';

type Outcome = Omit<ScenarioResult, 'differences'>;

/** Compares how a scenario ended with what it expects. @returns a line for each difference, `[]` when it holds */
export function differences({ expect }: Scenario, outcome: Outcome): string[] {
  return [
    ...(outcome.settled ? [] : ['the model did not settle']),
    ...datasourceCounts(expect.datasources, outcome),
    ...statuses(expect.status, outcome),
    ...expect.links.flatMap((link) => linkDifference(link, outcome)),
    ...correlationDifferences(expect.correlations ?? [], outcome),
    ...danglingLinks(outcome),
    ...outcome.restless.map((line) => `update-status: ${line}`),
  ];
}

function datasourceCounts(expected: Scenario['expect']['datasources'], { grafanas }: Outcome): string[] {
  return Object.entries(expected).flatMap(([name, count]) => {
    const grafana = grafanas.find((one) => one.name === name);
    const actual = grafana?.datasources.length ?? 0;
    if (actual === count) return [];
    const names = grafana?.datasources.map((datasource) => datasource.name).join(', ') || 'none';
    return [`Grafana ${name}: expected ${count} datasources, found ${actual} (${names})`];
  });
}

function statuses(expected: Scenario['expect']['status'], { applications }: Outcome): string[] {
  return Object.entries(expected).flatMap(([app, status]) => {
    const units = applications.find(({ name }) => name === app)?.units ?? [];
    if (units.length === 0) return [`${app}: expected its units to be ${status}, found no units`];
    return units
      .filter((unit) => unit.status !== status)
      .map((unit) => `${unit.name}: expected ${status}, found ${unit.status}: ${unit.message}`);
  });
}

function linkDifference(expected: ExpectedLink, { links, grafanas }: Outcome): string[] {
  const { from, kind, to, because } = expected;
  const where = expected.in ?? 'no Grafana';
  const what = `${kind} of ${from} in ${where}`;
  const grafana = grafanas.find(({ name }) => name === expected.in);
  if (grafana?.grafanaUid === null) return [`${what}: its gateway has answered nobody yet`];
  const found = links.filter((link) => {
    return link.from.app === from && link.kind === kind && link.grafanaUid === (grafana?.grafanaUid ?? null);
  });
  if (found.length === 0) return [`${what}: expected it to be explained, found nothing about it`];
  const wanted = to === null ? [] : [to].flat();
  return [...Map.groupBy(found, (link) => link.from.uid).values()].flatMap((ofOne) => {
    const actual = ofOne.flatMap((link) => link.to?.app ?? []);
    const reasons = ofOne.flatMap((link) => link.reasons);
    if (wanted.toSorted().join() !== actual.toSorted().join()) {
      const why = reasons.map(({ message }) => message).join('; ');
      const expectation = `expected ${names(wanted)}, found ${names(actual)}`;
      return [`${what}: ${expectation}${why && ` (${why})`}`];
    }
    const codes = reasons.map(({ code }) => code);
    if (because === undefined || codes.includes(because)) return [];
    return [`${what}: expected the reason ${because}, found ${codes.join(', ') || 'none'}`];
  });
}

/** All correlations count: one that is there and not expected is a difference. */
function correlationDifferences(
  expected: NonNullable<Scenario['expect']['correlations']>,
  { grafanas }: Outcome,
): string[] {
  return grafanas.flatMap(({ name, correlations }) => {
    if (correlations === undefined) return [];
    const wanted = new Set(
      expected
        .filter((one) => one.in === name)
        .flatMap(({ from, kind, to }) => [to].flat().map((app) => `${kind} from ${from} to ${app}`)),
    );
    const found = new Set(correlations.map(({ from, kind, to }) => `${kind} from ${from} to ${to}`));
    return [
      ...[...wanted.difference(found)].map((one) => `Grafana ${name}: expected the correlation ${one}`),
      ...[...found.difference(wanted)].map((one) => `Grafana ${name}: did not expect the correlation ${one}`),
    ];
  });
}

function names(apps: readonly string[]): string {
  return apps.length === 0 ? 'no link' : apps.join(' and ');
}

/** Expected of every scenario: what links claim is what stands in Grafana, and every UID exists there. */
function danglingLinks({ links, grafanas }: Outcome): string[] {
  return links.flatMap((link) => {
    const grafana = grafanas.find(({ grafanaUid }) => grafanaUid === link.grafanaUid);
    if (grafana === undefined || link.to === null) return [];
    const { from, to } = link;
    const what = `${link.kind} of ${from.uid ?? from.app} in ${grafana.name}`;
    const source = grafana.datasources.find(({ uid }) => uid === from.uid);
    if (source === undefined) return [`${what}: Grafana has no datasource ${from.uid ?? 'for it'}`];
    if (!grafana.datasources.some(({ uid }) => uid === to.uid)) return [`${what}: Grafana has no ${to.uid}`];
    return JSON.stringify(source.jsonData).includes(JSON.stringify(to.uid))
      ? []
      : [`${what}: ${to.uid} is not in its jsonData`];
  });
}
