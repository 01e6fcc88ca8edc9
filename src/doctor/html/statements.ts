import type { ReportFinding, ReportNote } from '../report.ts';
import { groupsOf, mostPlaces, type Names } from '../statements.ts';
import type { Graph, GraphNode } from './graph.ts';
import { html, type Markup } from './markup.ts';

type Statement = ReportFinding | ReportNote;

/** @param name - of the anchors: the drawing leads to them */
export function statementList(
  groups: readonly (readonly Statement[])[],
  { name, names }: { readonly name: string; readonly names: Names },
): Markup {
  return html`<ol class="statements ${name}s">
${groups.map((group, i) => {
  const [first] = group;
  if (first === undefined) return html``;
  const places = group
    .map(({ where }) => place(where, names))
    .filter((one) => one.toString() !== '')
    .map((one) => html`<li>${one}</li>`);
  return html`<li id="${name}-${i}" tabindex="-1">${statement(first, places)}</li>
`;
})}</ol>`;
}

function statement(
  { code, message, remedy }: Readonly<Record<'code' | 'message' | 'remedy', string>>,
  places: readonly Markup[],
): Markup {
  const more = places.slice(mostPlaces);
  return html`<p><code class="code">${code}</code> ${message}</p>
${places.length === 0 ? '' : html`<ul class="places">${places.slice(0, mostPlaces)}</ul>`}
${more.length === 0 ? '' : html`<details class="more"><summary>and ${more.length} more</summary><ul class="places">${more}</ul></details>`}
${remedyLine(remedy)}`;
}

function place({ model, app, relation, datasource, key, path }: Statement['where'], names: Names): Markup {
  const parts = [
    model === null ? null : html`model <b>${model}</b>`,
    app === null ? null : html`<b>${app}</b>`,
    relation === null
      ? null
      : html`relation ${relation.id === null ? '' : `${relation.id} `}<code>${relation.ends.join(' \u2014 ')}</code>`,
    datasource === null ? null : html`datasource <b>${names.get(datasource) ?? datasource}</b>`,
    key === null && path === null ? null : html`<code>${key ?? ''}${path ?? ''}</code>`,
  ].filter((part) => part !== null);
  return html`${parts.map((part, i) => (i === 0 ? part : html`, ${part}`))}`;
}

function remedyLine(remedy: string): Markup | string {
  return remedy === '' ? '' : html`<p class="remedy">To mend it, ${remedy}.</p>`;
}

/** Each reason once, with whose links of which kinds it holds for: datasources of an application have the same ones. */
export function whyNotList({ links }: Graph): Markup {
  const reasons = links
    .filter(({ to }) => to === null)
    .flatMap(({ from, kind, reasons }) =>
      reasons.map((reason) => ({ ...reason, kind, who: from.app ?? from.name })),
    );
  return html`<ul class="statements">
${groupsOf(reasons).map((group) => {
  const [first] = group;
  if (first === undefined) return html``;
  const places = [...Map.groupBy(group, ({ who }) => who)].map(([who, own]) => {
    const kinds = [...new Set(own.map(({ kind }) => kind))].join(', ');
    return html`<li><b>${who}</b>: ${kinds}</li>`;
  });
  return html`<li>${statement(first, places)}</li>
`;
})}</ul>`;
}

/** Every link in words, for those who can't or won't look at a drawing. */
export function linkTable({ links }: Graph): Markup {
  return html`<div class="scroll" role="region" aria-label="All links" tabindex="0"><table>
<thead><tr><th scope="col">From</th><th scope="col">Kind</th><th scope="col">To</th></tr></thead>
<tbody>
${links.map(
  ({ from, kind, to, reasons }) => html`<tr><td>${end(from)}</td><td>${kind}</td><td>${
    to === null
      ? html`<span class="not">not linked:</span> ${reasons.map(({ code }) => code).join(', ')}`
      : html`${end(to)}${to.known ? '' : html` <span class="astray">unknown in this Grafana</span>`}`
  }</td></tr>
`,
)}</tbody></table></div>`;
}

function end({ name, uid }: GraphNode): Markup {
  return html`<b>${name}</b>${uid === null || uid === name ? '' : html` <code>${uid}</code>`}`;
}
