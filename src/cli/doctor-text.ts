import {
  groupsOf,
  mostPlaces,
  type Names,
  namesOf,
  type Report,
  type ReportFinding,
  type ReportGrafana,
  type ReportLink,
  type ReportNote,
} from '#src/doctor';
import { table, wrapped } from './table.ts';

export interface TextOptions {
  readonly color: boolean;
}

/**
 * Colour is for terminals, and for those who have not said that they want none.
 * @see https://no-color.org
 */
export function wantsColor(
  out: { readonly isTTY?: boolean },
  { NO_COLOR = '', TERM = '' }: Readonly<Record<string, string | undefined>>,
): boolean {
  return out.isTTY === true && NO_COLOR === '' && TERM !== 'dumb';
}

/** A report as text for people, in lines of at most 80 columns unless a single name is longer. */
export function doctorText(report: Report, options: TextOptions): string {
  const paint = options.color ? colored : plain;
  const names = namesOf(report);
  const sections = [
    report.models.flatMap(modelLines),
    ...report.grafanas.map((grafana) => grafanaLines(grafana, report, names, paint)),
    elsewhere(report, names, paint),
    statements('Findings', report.findings, names, paint.bad),
    statements('Notes', report.notes, names, paint.dim),
    [summary(report, paint)],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

type Paint = Readonly<Record<'good' | 'bad' | 'dim' | 'bold', (text: string) => string>>;

const plain: Paint = { good: (text) => text, bad: (text) => text, dim: (text) => text, bold: (text) => text };
const sgr = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
const colored: Paint = { good: sgr(32), bad: sgr(31), dim: sgr(2), bold: sgr(1) };

function modelLines({ name, applications, relations }: Report['models'][number]): string[] {
  const what = `${count(applications, 'application')}, ${count(relations, 'relation')} of datasources`;
  return wrapped(`Model ${name}: ${what}`, 0);
}

function grafanaLines(grafana: ReportGrafana, report: Report, names: Names, paint: Paint): string[] {
  const { datasources, id } = grafana;
  const links = report.links.filter((link) => link.grafana === id);
  const title = wrapped(`${titleOf(grafana, report)}: ${count(datasources.length, 'datasource')}`, 0);
  const rows = datasources.map(({ uid, type, app, unit, name, readOnly }) => {
    const of = name === null ? (unit ?? app ?? '') : `${name}${readOnly ? ' (read-only)' : ''}`;
    return [uid, type === '' ? '?' : type, of];
  });
  const last = names.size > 0 ? 'NAME' : 'OF';
  return [
    ...title.map(paint.bold),
    ...(rows.length === 0 ? [] : table(rows, ['DATASOURCE', 'TYPE', last])),
    ...linkLines(links, names, paint),
  ];
}

function titleOf({ name, model, baseUrl, version }: ReportGrafana, { models }: Report): string {
  const at = baseUrl === null ? '' : ` at ${baseUrl}`;
  // Looked at without Juju.
  if (models.length === 0) {
    const which = version === null ? 'Grafana' : `Grafana ${version}`;
    return `${which}${at}${name === baseUrl ? '' : `, organisation ${name}`}`;
  }
  const where = model === null ? ' in another model' : models.length > 1 ? ` in model ${model}` : '';
  return `Grafana ${name}${where}${at}`;
}

/** Links of what has no Grafana that says who it is. */
function elsewhere({ links }: Report, names: Names, paint: Paint): string[] {
  const without = links.filter(({ grafana }) => grafana === null);
  return without.length === 0 ? [] : [paint.bold('In no Grafana'), ...linkLines(without, names, paint)];
}

function linkLines(links: readonly ReportLink[], names: Names, paint: Paint): string[] {
  if (links.length === 0) return ['  no links'];
  const made = links.flatMap(({ from, kind, to }) => (to === null ? [] : [{ from, kind, to }]));
  const rows = made.map(({ from, kind, to }) => [
    names.get(from.uid ?? '') ?? from.uid ?? from.app ?? '',
    kind,
    names.size > 0 ? (names.get(to.uid) ?? `${to.uid} (no such datasource)`) : to.uid,
  ]);
  return [
    ...(rows.length === 0 ? [] : table(rows, ['FROM', 'KIND', 'TO']).map(paint.good)),
    ...whyNot(links, names).map(paint.dim),
  ];
}

/** Each reason once, with the kinds of link that it holds for: datasources of an application have the same ones. */
function whyNot(links: readonly ReportLink[], names: Names): string[] {
  const missing = links.filter(({ to }) => to === null);
  const bySource = Map.groupBy(missing, ({ from }) => from.app ?? names.get(from.uid ?? '') ?? '');
  return [...bySource].flatMap(([source, ofSource]) => {
    const reasons = ofSource.flatMap(({ kind, reasons }) =>
      reasons.map(({ code, message, remedy }) => ({
        kind,
        text: `${code}: ${message}${remedy === '' ? '' : `; to mend it, ${remedy}`}`,
      })),
    );
    return [...Map.groupBy(reasons, ({ text }) => text)].flatMap(([text, same]) => {
      const kinds = [...new Set(same.map(({ kind }) => kind))].join(', ');
      return [...wrapped(`${source} not linked: ${kinds}`, 2), ...wrapped(text, 4)];
    });
  });
}

/** The same statement on several relations is one, with each place below it. */
function statements(
  title: string,
  all: readonly (ReportFinding | ReportNote)[],
  names: Names,
  color: (text: string) => string,
): string[] {
  if (all.length === 0) return [];
  const lines = groupsOf(all).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const places = group.map(({ where }) => placeOf(where, names));
    const shown = places.slice(0, mostPlaces);
    const more = places.length - shown.length;
    return [
      ...wrapped(`${first.code}: ${first.message}`, 2).map(color),
      ...shown.flatMap((place) => wrapped(place, 4)),
      ...(more > 0 ? [`    and ${more} more`] : []),
      ...wrapped(`To mend it, ${first.remedy}.`, 4),
    ];
  });
  return [`${title} (${all.length})`, ...lines];
}

function placeOf(where: ReportFinding['where'], names: Names): string {
  const { model, app, relation, datasource, key, path } = where;
  const parts = [
    model === null ? '' : `model ${model}`,
    app === null ? '' : app,
    relation === null
      ? ''
      : `relation ${relation.id === null ? '' : `${relation.id} `}(${relation.ends.join(' ')})`,
    datasource === null ? '' : `datasource ${names.get(datasource) ?? datasource}`,
    key === null ? '' : `${key}${path ?? ''}`,
  ];
  return `in ${parts.filter((part) => part !== '').join(', ')}`;
}

function summary({ findings, links, grafanas }: Report, paint: Paint): string {
  const made = links.filter(({ to }) => to !== null).length;
  const what = `${made} of ${count(links.length, 'link')} in ${count(grafanas.length, 'Grafana')}`;
  return findings.length === 0
    ? paint.good(`Healthy: ${what}`)
    : paint.bad(`${count(findings.length, 'finding')}: ${what}`);
}

function count(n: number, what: string): string {
  return `${n} ${n === 1 ? what : `${what}s`}`;
}
