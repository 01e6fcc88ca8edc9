import type { Report, ReportFinding, ReportGrafana, ReportNote } from '../report.ts';
import type { Names } from '../statements.ts';
import { drawing } from './drawing.ts';
import { type Graph, isMade } from './graph.ts';
import type { Layout } from './layout.ts';
import { html, type Markup } from './markup.ts';
import { roles, roleTitles } from './names.ts';
import { linkTable, statementList, whyNotList } from './statements.ts';

/** What is drawn of one Grafana, and where. */
export interface Drawn {
  /** Of its section. */
  readonly id: string;
  readonly graph: Graph;
  readonly layout: Layout;
}

/** The whole report in a word or two. */
export function verdict({ findings }: Report): string {
  return findings.length === 0 ? 'Healthy' : count(findings.length, 'finding');
}

export function masthead(report: Report): Markup {
  const { healthy, models, grafanas, links, findings } = report;
  const datasources = grafanas.flatMap((grafana) => grafana.datasources);
  const made = links.filter(({ to }) => to !== null).length;
  const skipTo = findings.length > 0 ? 'findings' : 'main';
  return html`<a class="skip" href="#${skipTo}">Skip to ${findings.length > 0 ? 'the findings' : 'what is there'}</a>
<header>
<p class="by">crosslink doctor</p>
<h1 class="${healthy ? 'good' : 'bad'}">${verdict(report)}</h1>
<p class="sum"><b>${made}</b> of ${count(links.length, 'link')} in <b>${grafanas.length}</b> ${grafanas.length === 1 ? 'Grafana' : 'Grafanas'}, between ${count(datasources.length, 'datasource')}</p>
${models.length === 0 ? '' : html`<ul class="models">${models.map(modelItem)}</ul>`}
${grafanas.length < 2 ? '' : contents(report)}
</header>`;
}

function modelItem({ name, applications, relations }: Report['models'][number]): Markup {
  return html`<li>Model <b>${name}</b>: ${count(applications, 'application')}, ${count(relations, 'relation')} of datasources</li>`;
}

function contents({ grafanas, links }: Report): Markup {
  return html`<nav aria-label="Grafanas"><ul class="contents">${grafanas.map(({ id, name }, i) => {
    const here = links.filter(({ grafana }) => grafana === id);
    const made = here.filter(({ to }) => to !== null).length;
    return html`<li><a href="#grafana-${i}">${name}</a> <span>${made} of ${here.length}</span></li>`;
  })}</ul></nav>`;
}

/** @param name - of one: it becomes the name of anchors */
export function statementsSection(
  name: 'finding' | 'note',
  title: string,
  groups: readonly (readonly (ReportFinding | ReportNote)[])[],
  names: Names,
): Markup | string {
  if (groups.length === 0) return '';
  return html`<section id="${name}s" aria-labelledby="${name}s-title" tabindex="-1">
<h2 id="${name}s-title">${title} <span class="count">${groups.flat().length}</span></h2>
${statementList(groups, { name, names })}
</section>`;
}

/** What colours and strokes mean, as far as they are on the page. */
export function legend(graphs: readonly Graph[]): Markup | string {
  const links = graphs.flatMap((graph) => graph.links);
  if (links.length === 0) return '';
  const signals = roles.filter((role) => links.some((link) => link.to !== null && link.signal === role));
  const lines = [
    ...signals.map((role) => ({
      look: `made to-${role}`,
      text: role === 'other' ? 'another link' : `link to ${roleTitles[role].toLowerCase()}`,
    })),
    ...(links.some(({ to }) => to === null)
      ? [{ look: 'missing', text: 'no link, and the first reason why' }]
      : []),
    ...(links.some((link) => link.to !== null && !isMade(link))
      ? [{ look: 'astray', text: 'link to what this Grafana does not have' }]
      : []),
  ];
  return html`<ul class="legend" aria-label="Legend">
${lines.map(
  ({ look, text }) =>
    html`<li><svg width="38" height="12" viewBox="0 0 38 12" aria-hidden="true"><g class="link ${look}"><path class="line" d="M3 6H${look === 'missing' ? 27 : 30}"/><circle class="port" cx="4" cy="6" r="3"/>${look === 'missing' ? html`<path class="cross" d="M24 3l6 6m0 -6l-6 6"/>` : html`<path class="head" d="M37 6l-9 -4.5v9z"/>`}</g></svg>${text}</li>
`,
)}</ul>`;
}

export function grafanaSection(
  { name, model, baseUrl, grafanaUid, version }: ReportGrafana,
  drawn: Drawn,
  report: Report,
): Markup {
  const { id, graph } = drawn;
  const where = [
    // Without Juju there are no models.
    model !== null ? `in model ${model}` : report.models.length > 0 ? 'in another model' : null,
    baseUrl === null || baseUrl === name ? null : `at ${baseUrl}`,
    version === null ? null : `version ${version}`,
    grafanaUid === null ? null : `UID ${grafanaUid}`,
  ].filter((part) => part !== null);
  return html`<section id="${id}" aria-labelledby="${id}-title" tabindex="-1">
<h2 id="${id}-title">Grafana <span class="own">${name}</span> <span class="count">${tally(graph)}</span></h2>
${where.length === 0 ? '' : html`<p class="where">${where.map((part) => html`<span>${part}</span> `)}</p>`}
${graphParts(drawn, `Datasources of Grafana ${name}, and their links`)}
</section>
`;
}

/** Links of what has no Grafana that says who it is. */
export function homelessSection(drawn: Drawn): Markup | string {
  const { id, graph } = drawn;
  if (graph.links.length === 0) return '';
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">In no Grafana <span class="count">${tally(graph)}</span></h2>
${graphParts(drawn, 'What is in no Grafana')}
</section>`;
}

function graphParts({ id, graph, layout }: Drawn, label: string): Markup {
  if (graph.nodes.length === 0) return html`<p class="none">It has no datasource.</p>`;
  const missing = graph.links.filter(({ to }) => to === null);
  return html`<div class="drawing" role="region" aria-label="${label}" tabindex="0">${drawing(layout, id, label)}</div>
${
  missing.length === 0
    ? ''
    : html`<details class="part" open><summary>Why ${count(missing.length, 'link')} ${missing.length === 1 ? 'is' : 'are'} missing</summary>
${whyNotList(graph)}</details>`
}
${
  graph.links.length === 0
    ? ''
    : html`<details class="part"><summary>All links as a table</summary>
${linkTable(graph)}</details>`
}`;
}

function tally({ links }: Graph): string {
  return `${links.filter(({ to }) => to !== null).length} of ${count(links.length, 'link')}`;
}

function count(n: number, what: string): string {
  return `${n} ${n === 1 ? what : `${what}s`}`;
}
