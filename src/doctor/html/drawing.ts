import { datasourceType } from '../../exchange/datasource-types.ts';
import { type GraphLink, type GraphNode, isMade } from './graph.ts';
import type { Layout, PlacedLink, PlacedNode, PlacedPort } from './layout.ts';
import { html, type Markup } from './markup.ts';
import { columnsOf, shortened } from './names.ts';
import { missingLabel, sizes } from './sizes.ts';

/**
 * The graph of one Grafana, as SVG. What a datasource or link is all about stands in its `title`, a line for each
 * statement: browsers show it, and the page's script makes the better hint of it.
 * @param name - tells ids in this drawing from those in others on the page
 */
export function drawing({ width, height, headings, nodes }: Layout, name: string, label: string): Markup {
  const ids = new Map(nodes.map(({ node }, i) => [node, `${name}-${i}`]));
  const idOf = (node: GraphNode) => ids.get(node) ?? '';
  // Room for outlines around what has the focus.
  const box = [-4, -4, width + 8, height + 10];
  return html`<svg class="graph" width="${width + 8}" height="${height + 10}" viewBox="${box.join(' ')}" role="group" aria-label="${label}">
${headings.map(({ text, x, y }) => html`<text class="heading" x="${x}" y="${y}">${text}</text>\n`)}${nodes.map(
  (placed) => html`${card(placed, idOf)}
${placed.ports.flatMap((port) => port.links.map((link, i) => linkMark(link, port, i === 0, idOf)))}`,
)}</svg>`;
}

function card({ node, x, y, width, height, ports }: PlacedNode, idOf: (node: GraphNode) => string): Markup {
  const { name, type, uid, known, role, findings } = node;
  const typeName = shortened(type === '' ? 'type unknown' : datasourceType(type), 16);
  const room = width - 26 - columnsOf(typeName) * sizes.small - 10;
  const under = uid === null ? 'no UID yet' : !known && name === uid ? 'not in this Grafana' : uid;
  const rule = y + sizes.head - 0.5;
  return html`<g class="node ${role}${known ? '' : ' stranger'}" data-node="${idOf(node)}" role="img">
<title>${lines(aboutNode(node))}</title>
<rect class="card" x="${x + 0.5}" y="${y + 0.5}" width="${width - 1}" height="${height - 1}" rx="7"/>
<path class="edge" d="M${x + 7} ${y + 0.5}h${width - 14}"/>
${ports.length === 0 ? '' : html`<path class="rule" d="M${x + 1} ${rule}h${width - 2}"/>`}
<text class="name" x="${x + 13}" y="${y + 20}">${shortened(name, Math.floor(room / sizes.name))}</text>
<text class="type" x="${x + width - 13}" y="${y + 20}">${typeName}</text>
<text class="uid" x="${x + 13}" y="${y + 36}">${shortened(under, Math.floor((width - 26 - (findings.length > 0 ? 20 : 0)) / sizes.small))}</text>
</g>${findings.length === 0 ? '' : badge(findings, x + width - 21, y + 32)}`;
}

/** How many findings there are about whose datasource this is; leads to the first. */
function badge(findings: readonly number[], cx: number, cy: number): Markup {
  const what = findings.length === 1 ? '1 finding' : `${findings.length} findings`;
  return html`<a class="badge" href="#finding-${findings[0] ?? 0}" aria-label="${what}"><title>${what}</title><circle cx="${cx}" cy="${cy}" r="8"/><text x="${cx}" y="${cy + 3.7}">${findings.length}</text></a>`;
}

function linkMark(
  { link, path, end }: PlacedLink,
  port: PlacedPort,
  first: boolean,
  idOf: (node: GraphNode) => string,
): Markup {
  const { x, y, side, kind, columns } = port;
  const out = side === 'left' ? -1 : 1;
  const state = link.to === null ? 'missing' : isMade(link) ? 'made' : 'astray';
  const label = first
    ? html`<text class="kind ${side}" x="${x - out * 12}" y="${y + 3.6}">${shortened(kind, columns)}</text>`
    : '';
  const to = link.to === null ? '' : html` data-to="${idOf(link.to)}"`;
  const shape =
    path === null || end === null
      ? stub(missingLabel(link), x, y, out)
      : html`<path class="hit" d="${path}"/><path class="line" d="${path}"/><circle class="port" cx="${x}" cy="${y}" r="3"/><path class="head" d="M${end.x} ${end.y}l${-9 * end.direction} -4.5v9z"/>`;
  return html`<g class="link ${state} to-${link.signal}" data-from="${idOf(link.from)}"${to} tabindex="0" role="img"><title>${lines(aboutLink(link))}</title>${label}${shape}</g>
`;
}

/** A link that leads nowhere, and why. */
function stub(text: string, x: number, y: number, out: 1 | -1): Markup {
  const width = sizes.stub + columnsOf(text) * sizes.small + 4;
  const [tip, left] = [x + out * (sizes.stub - 8), out === 1 ? x : x - width];
  return html`<rect class="hit" x="${left}" y="${y - 10}" width="${width}" height="20"/><path class="line" d="M${x} ${y}H${tip}"/><circle class="port" cx="${x}" cy="${y}" r="3"/><path class="cross" d="M${tip - 3} ${y - 3}l6 6m0 -6l-6 6"/><text class="why ${out === 1 ? 'right' : 'left'}" x="${x + out * sizes.stub}" y="${y + 3.6}">${text}</text>`;
}

function aboutNode({ name, app, model, type, uid, known, readOnly }: GraphNode): string[] {
  return [
    name,
    known ? '' : 'Not known to be a datasource of this Grafana',
    type === '' ? '' : `Type ${type}`,
    uid === null ? 'It has no UID' : `UID ${uid}`,
    app === null ? '' : `Application ${app}${model === null ? '' : ` in model ${model}`}`,
    readOnly ? 'Read-only: it is from a provisioning file' : '',
  ].filter((line) => line !== '');
}

export function aboutLink({ from, kind, to, reasons }: GraphLink): string[] {
  const heading = `${kind}, from ${from.name}`;
  if (to === null) {
    return [
      `${heading}: not linked`,
      ...reasons.flatMap(({ code, message, remedy }) => [
        `${code}: ${message}`,
        ...(remedy === '' ? [] : [`To mend it, ${remedy}.`]),
      ]),
    ];
  }
  if (to.known) return [`${heading} to ${to.name}`, `UID ${to.uid ?? ''}`];
  return [
    `${heading}: leads astray`,
    `It names the UID ${to.uid ?? ''}, which no known datasource of this Grafana has`,
    ...(to.app === null ? [] : [`That UID is said to be of ${to.app}`]),
  ];
}

/** Line breaks in names are shown as such, so that a line is a statement. */
function lines(all: readonly string[]): Markup[] {
  return all.map((line, i) => (i === 0 ? html`${line}` : html`\n${line}`));
}
