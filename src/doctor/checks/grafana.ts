import { isUnitName, parseUnitName } from '#lib/juju';
import type { Deployment } from '../deployment.ts';
import type { ReportFinding, ReportNote } from '../report.ts';
import { type Grafana, leaderNumberIn, type Registration } from '../world.ts';
import { list, quoted, whereOn, wrong } from './finding.ts';
import { isJujuName, shapeOf } from './uid.ts';

/** Whether a Grafana stays who it is, and hands out what can be used. */
export function checkGrafana(grafana: Grafana, deployment: Deployment): ReportFinding[] {
  return [
    ...identity(grafana, deployment),
    ...grafana.registrations.flatMap((registration) => [
      ...unusable(registration),
      ...unordered(registration),
    ]),
  ];
}

/** A Grafana that is named after its leader becomes another one, for all of its peers, when leadership moves. */
function identity(grafana: Grafana, { models }: Deployment): ReportFinding[] {
  const [now, ...former] = grafana.uids;
  if (now === undefined) return [];
  const remedy = `refresh ${grafana.app} to a charm whose grafana_uid stays the same; until then, wake all that are related to it`;
  const changed = grafana.registrations
    .filter(({ answer }) => answer.grafanaUid !== undefined && former.includes(answer.grafanaUid))
    .map(({ relation, grafanaEnd, answer }) =>
      wrong(
        'grafana-uid-changed',
        { relation, end: grafanaEnd, key: 'grafana_uid' },
        `${grafanaEnd.app} calls itself ${quoted(answer.grafanaUid ?? '')} here and ${quoted(now)} elsewhere`,
        remedy,
      ),
    );
  const leader = models
    .find(({ name }) => name === grafana.model)
    ?.applications.find(({ name }) => name === grafana.app)
    ?.units.find((unit) => unit.leader)?.name;
  const named = leaderNumberIn(now)?.number;
  const first = grafana.registrations.find(({ answer }) => answer.grafanaUid === now);
  if (leader === undefined || named === undefined || first === undefined || numberOf(leader) === named) {
    return changed;
  }
  const message = `${grafana.app} is called after its unit ${named}, and ${leader} leads: it will be another Grafana to all after its next change`;
  const { relation, grafanaEnd } = first;
  return [
    ...changed,
    wrong('grafana-uid-changed', { relation, end: grafanaEnd, key: 'grafana_uid' }, message, remedy),
  ];
}

function numberOf(unit: string): number | undefined {
  return isUnitName(unit) ? parseUnitName(unit).number : undefined;
}

/** What can't be the UID of anything in Grafana, and is no name that a charm is known to hand out either. */
function unusable({ relation, grafanaEnd, answer }: Registration): ReportFinding[] {
  const given: [key: string, path: string, uid: string][] = [
    ...Object.entries(answer.datasourceUids ?? {}).map(([unit, uid]): [string, string, string] => {
      return ['datasource_uids', `.${quoted(unit)}`, uid];
    }),
    ['app_datasource_uid', '', answer.appDatasourceUid ?? ''],
  ];
  return given.flatMap(([key, path, uid]) => {
    const shape = uid === '' || isJujuName(uid) ? 'uid' : shapeOf(uid);
    if (shape === 'uid') return [];
    const at = { relation, end: grafanaEnd, key, path };
    const remedy = `refresh ${grafanaEnd.app} to a charm that hands out what Grafana gave`;
    if (shape === 'name') {
      const message = `${grafanaEnd.app} hands out ${quoted(uid)}, which is a name and can be no UID`;
      return [wrong('name-as-uid', at, message, remedy)];
    }
    const message = `${grafanaEnd.app} hands out ${quoted(uid)}, which is longer than the 40 characters that Grafana takes`;
    return [wrong('uid-too-long', at, message, remedy)];
  });
}

/** The Python charm writes units in the order of a set: another one each time, and text that differs wakes peers. */
function unordered({ relation, grafanaEnd, answer }: Registration): ReportFinding[] {
  const numbers = Object.keys(answer.datasourceUids ?? {}).map((unit) => numberOf(unit) ?? -1);
  if (numbers.every((number, i) => i === 0 || (numbers[i - 1] ?? -1) <= number)) return [];
  return [
    wrong(
      'databag-unordered',
      { relation, end: grafanaEnd, key: 'datasource_uids' },
      `${grafanaEnd.app} writes the units in an order that can change from hook to hook`,
      `refresh ${grafanaEnd.app} to a charm that sorts them by number`,
    ),
  ];
}

/** Canonical's charm does so on purpose, and all that read it know: nothing to mend, and good to know. */
export function noteNames({ app, registrations }: Grafana): ReportNote[] {
  const named = registrations.filter(({ answer }) =>
    [...Object.values(answer.datasourceUids ?? {}), answer.appDatasourceUid ?? ''].some(isJujuName),
  );
  const [first] = named;
  if (first === undefined) return [];
  const { relation, grafanaEnd } = first;
  return [
    {
      code: 'names-handed-out',
      where: { ...whereOn(relation, grafanaEnd, 'datasource_uids'), relation: null },
      message: `${app} hands out the names of datasources in place of UIDs, to ${list(named.map(({ source }) => source.app))}: pages of Grafana find them, its HTTP API and its alert rules don't`,
      remedy: "use the datasource's own UID, which Grafana shows in its address, in alert rules and scripts",
    },
  ];
}
