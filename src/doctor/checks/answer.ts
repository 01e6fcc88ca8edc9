import type { ReportFinding } from '../report.ts';
import { has, type Registration, uidsGiven } from '../world.ts';
import { quoted, wrong } from './finding.ts';

const hostKey = 'grafana_source_host';

/** Whether Grafana made a datasource of everything that was registered, and of nothing else. */
export function checkAnswer(registration: Registration): ReportFinding[] {
  const { reading, answer, answerIssues, relation, source, grafanaEnd } = registration;
  if (grafanaEnd.appData === null) return [];
  const at = { relation, end: grafanaEnd };
  const grafana = grafanaEnd.app;
  const invalid = answerIssues.map(({ key, path, message }) =>
    wrong(
      'databag-invalid',
      { ...at, key, path },
      `${grafana} wrote what can't be read: ${message}`,
      `report it to the authors of the charm of ${grafana}; Python charms fail on such data`,
    ),
  );
  if (reading.state !== 'valid' || invalid.length > 0) return invalid;
  const given = uidsGiven(registration);
  const said = answer.grafanaUid !== undefined || answer.datasourceUids !== undefined;
  if (given.length === 0 && !said) {
    const message = `${source.app} has registered, and ${grafana} has not answered`;
    const remedy = `look at the status of ${grafana}: one bad registration stops a Python charm of Grafana for all`;
    return [wrong('grafana-silent', at, message, remedy)];
  }
  if (answer.grafanaUid === undefined) {
    const message = `${grafana} does not say which Grafana it is, so nobody links to anything in it`;
    const remedy = `refresh ${grafana} to a charm that publishes grafana_uid`;
    return [wrong('grafana-without-uid', { ...at, key: 'grafana_uid' }, message, remedy)];
  }
  return given.length === 0 ? withoutUids(registration) : unevenUids(registration);
}

/** Grafana knows the application and gave it nothing. */
function withoutUids(registration: Registration): ReportFinding[] {
  const { reading, relation, source, grafanaEnd } = registration;
  if (reading.state !== 'valid') return [];
  const { appUrl, units } = reading.source;
  const grafana = grafanaEnd.app;
  const at = { relation, end: grafanaEnd, key: 'datasource_uids' };
  if (appUrl !== undefined && units.length === 0) {
    const message = `${source.app} registers as an application, and ${grafana} reads only what units register`;
    const remedy = `refresh ${grafana} to a charm of the second generation, or ${source.app} back to the first`;
    return [wrong('generation-mismatch', at, message, remedy)];
  }
  if (appUrl === undefined && units.length === 0) {
    const message = `${source.app} names no address at which it could be reached`;
    const remedy = `look at the status of ${source.app}`;
    return [wrong('source-without-url', { relation, end: source, key: hostKey }, message, remedy)];
  }
  const names = units.map(({ unit }) => unit);
  return [...notAnswered(registration, names.length > 0 ? names : [source.app])];
}

function unevenUids(registration: Registration): ReportFinding[] {
  const { reading, answer, relation, source, grafanaEnd } = registration;
  if (reading.state !== 'valid') return [];
  const { appUrl, units } = reading.source;
  const at = { relation, end: grafanaEnd, key: 'datasource_uids' };
  const answered = Object.entries(answer.datasourceUids ?? {}).filter(([, uid]) => uid !== '');
  const numbers = new Set(answered.map(([unit]) => numberOf(unit)));
  const appUid = answer.appDatasourceUid;
  const missing = appUid === undefined ? units.filter(({ unit }) => !numbers.has(numberOf(unit))) : [];
  const stale = staleUnits(registration, answered);
  const twice =
    appUid !== undefined && appUrl !== undefined && answered.some(([, uid]) => uid !== appUid)
      ? [
          wrong(
            'registered-twice',
            { ...at, key: 'app_datasource_uid' },
            `${source.app} is one datasource as an application and others by its units`,
            `let ${source.app} register in one form only: as an application, or by units`,
          ),
        ]
      : [];
  return [
    ...notAnswered(
      registration,
      missing.map(({ unit }) => unit),
    ),
    ...stale.map(({ unit, why }) =>
      wrong(
        'stale-unit',
        { ...at, path: `.${quoted(unit)}` },
        `${grafanaEnd.app} still has a UID for ${quoted(unit)}, ${why}`,
        `wake ${grafanaEnd.app}: the next change on this relation makes it look again`,
      ),
    ),
    ...twice,
  ];
}

function notAnswered({ relation, grafanaEnd }: Registration, units: readonly string[]): ReportFinding[] {
  return units.map((unit) =>
    wrong(
      'unit-without-uid',
      { relation, end: grafanaEnd, key: 'datasource_uids' },
      `${unit} has registered, and ${grafanaEnd.app} has given it no UID`,
      `look at the status of ${grafanaEnd.app}: its hooks fail, or it has not come to it yet`,
    ),
  );
}

/** Numbers tell units apart also where Grafana's model has another name for the application. */
function staleUnits(
  { source, reading }: Registration,
  answered: readonly (readonly [unit: string, uid: string])[],
): { unit: string; why: string }[] {
  const there = new Map(source.units.map((unit) => [unit.number, unit]));
  const asWhole = reading.state === 'valid' && reading.source.appUrl !== undefined;
  return answered.flatMap(([unit]) => {
    const found = there.get(numberOf(unit));
    if (found === undefined || !found.inScope) return [{ unit, why: 'which is not there any more' }];
    // A gateway of ours tells the UID of the application under each of its units.
    if (!asWhole && !has(found.data, hostKey)) return [{ unit, why: 'which registers no longer' }];
    return [];
  });
}

function numberOf(unit: string): number {
  return Number(/\/(\d{1,9})$/.exec(unit)?.[1] ?? Number.NaN);
}
