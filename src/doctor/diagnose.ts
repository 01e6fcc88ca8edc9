import { checkAnswer } from './checks/answer.ts';
import { checkExchanges } from './checks/exchange.ts';
import { whereOn, wrong } from './checks/finding.ts';
import { checkGrafana, noteNames } from './checks/grafana.ts';
import { checkLinks } from './checks/links.ts';
import { checkSource } from './checks/source.ts';
import { type FindingCode, findingCodes, type NoteCode, noteCodes } from './codes.ts';
import type { Deployment } from './deployment.ts';
import { explainedLinks } from './explained-links.ts';
import type { Report, ReportFinding, ReportGrafana, ReportNote, Where } from './report.ts';
import { urlWithoutSecrets } from './url-secrets.ts';
import { type DecodedWorld, decodeWorld, type Grafana } from './world.ts';

/** From what is there to what is to be said about it. Pure and total: no databag can make it throw. */
export function diagnose(deployment: Deployment): Report {
  const world = decodeWorld(deployment);
  const findings = [
    ...silentRelations(world),
    ...world.registrations.flatMap((registration) => [
      ...checkSource(registration),
      ...checkAnswer(registration),
    ]),
    ...world.grafanas.flatMap((grafana) => checkGrafana(grafana, deployment)),
    ...checkLinks(world),
    ...checkExchanges(world),
    ...failedUnits(world),
  ];
  const { models } = deployment;
  return {
    healthy: findings.length === 0,
    models: models.map(({ name, applications }) => ({
      name,
      applications: applications.length,
      relations: deployment.relations.filter(({ ends }) => ends.some(({ model }) => model === name)).length,
    })),
    grafanas: world.grafanas.map(reportGrafana),
    links: inOrder(explainedLinks(world), ({ grafana, from, kind }) => [
      grafana ?? '',
      from.model ?? '',
      from.app ?? '',
      from.uid ?? '',
      kind,
    ]),
    findings: inOrder(findings, sortKey),
    notes: inOrder([...world.grafanas.flatMap(noteNames), ...unseen(world)], sortKey),
  };
}

const ranks: readonly (FindingCode | NoteCode)[] = [...findingCodes, ...noteCodes];

/** Those that stop most come first. */
function sortKey({ code, where }: ReportFinding | ReportNote): readonly string[] {
  const { model, app, relation, key, path } = where;
  const rank = ranks.indexOf(code);
  return [
    String(rank).padStart(3, '0'),
    model ?? '',
    app ?? '',
    String(relation?.id ?? '').padStart(9, '0'),
    key ?? '',
    path ?? '',
  ];
}

function inOrder<T>(all: readonly T[], key: (one: T) => readonly string[]): T[] {
  return all
    .map((one) => ({ one, text: JSON.stringify(key(one)) }))
    .toSorted((a, b) => (a.text === b.text ? 0 : a.text < b.text ? -1 : 1))
    .map(({ one }) => one);
}

function silentRelations({ unclear }: DecodedWorld): ReportFinding[] {
  return unclear.flatMap((relation) => {
    const end = relation.ends.find(({ model }) => model !== null);
    // What can't be seen is not empty.
    if (end === undefined || relation.ends.some(({ appData }) => appData === null)) return [];
    const names = relation.ends.map(({ app }) => app).filter((app) => app !== '');
    return [
      wrong(
        'nothing-written',
        { relation, end },
        `neither ${names.join(' nor ')} has written anything`,
        'look at the status of both: they wait for something, or their hooks fail',
      ),
    ];
  });
}

/** A unit whose hooks fail says nothing more on any relation; Juju keeps to itself what it was about to write. */
function failedUnits({ deployment }: DecodedWorld): ReportFinding[] {
  const involved = involvedIn(deployment);
  return deployment.models
    .flatMap(({ applications }) => applications)
    .filter(({ model, name }) => involved.has(JSON.stringify([model, name])))
    .flatMap(({ model, name, units }) =>
      units
        .filter(({ status }) => status === 'error')
        .map(({ name: unit, message }): ReportFinding => {
          const where: Where = { model, app: name, relation: null, datasource: null, key: null, path: null };
          const what = message === '' ? 'is in error' : `is in error, ${message}`;
          const remedy = `look at juju debug-log --include ${unit}, mend what it shows, then juju resolve ${unit}`;
          return { code: 'unit-in-error', where, message: `${unit} ${what}`, remedy };
        }),
    );
}

/** The applications that have a relation of interest. */
function involvedIn({ relations }: Deployment): ReadonlySet<string> {
  return new Set(relations.flatMap(({ ends }) => ends.map(({ model, app }) => JSON.stringify([model, app]))));
}

/** What could not be looked at, so that silence about it is not taken for health. */
function unseen({ deployment }: DecodedWorld): ReportNote[] {
  const involved = involvedIn(deployment);
  const notShown = deployment.models
    .flatMap(({ applications }) => applications)
    .filter(({ shown, model, name }) => !shown && involved.has(JSON.stringify([model, name])))
    .map(({ model, name, units }): ReportNote => {
      const where: Where = { model, app: name, relation: null, datasource: null, key: null, path: null };
      const message = `no unit of ${name} was looked at: what others wrote to it can't be seen`;
      const [unit] = units;
      const remedy =
        unit === undefined
          ? `give ${name} a unit: without one it takes part in nothing`
          : `add ${unit.name} to what show-unit is asked for`;
      return { code: 'application-unseen', where, message, remedy };
    });
  const halves = deployment.relations.flatMap((relation): ReportNote[] => {
    const own = relation.ends.find(({ model }) => model !== null);
    const other = relation.ends.find(({ model }) => model === null);
    if (own === undefined || other === undefined) return [];
    const code: NoteCode = 'other-side-unseen';
    const name = other.app === '' ? 'an application' : other.app;
    return [
      {
        code,
        where: whereOn(relation, own),
        message: `${name} is in another model: what ${own.app} wrote to it can't be seen from here`,
        remedy: 'name its model as well: --model for each',
      },
    ];
  });
  return [...notShown, ...halves];
}

function reportGrafana({ key, app, model, uids, registrations, handedOut }: Grafana): ReportGrafana {
  const [grafanaUid = null] = uids;
  const baseUrl = registrations.map(({ answer }) => answer.baseUrl).find((url) => url !== undefined);
  const datasources = [...handedOut.values()].map(({ uid, type, source, unit }) => ({
    uid,
    type: type ?? '',
    name: null,
    readOnly: null,
    app: source.app,
    model: source.model,
    // By its own name, where Grafana's model has another one for it.
    unit: unit === null ? null : `${source.app}/${unit.split('/')[1] ?? ''}`,
  }));
  return {
    id: key,
    name: app,
    grafanaUid,
    model,
    baseUrl: baseUrl === undefined ? null : urlWithoutSecrets(baseUrl),
    version: null,
    datasources: inOrder(datasources, ({ model, app, uid }) => [model ?? '', app, uid]),
  };
}
