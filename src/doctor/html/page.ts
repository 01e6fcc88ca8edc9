import { createHash } from 'node:crypto';
import type { Report, ReportGrafana } from '../report.ts';
import { groupsOf, namesOf } from '../statements.ts';
import { graphOf, linksIn } from './graph.ts';
import { layOut } from './layout.ts';
import { html, Markup } from './markup.ts';
import { script } from './script.ts';
import {
  type Drawn,
  grafanaSection,
  homelessSection,
  legend,
  masthead,
  statementsSection,
  verdict,
} from './sections.ts';
import { style } from './style.ts';

/**
 * A report as one page that needs nothing else: no request leaves it, and without its script it can be read as well.
 * Equal reports give equal pages. Names in the report may be anybody's: none of them can become markup.
 */
export function htmlPage(report: Report): string {
  const groups = groupsOf(report.findings);
  const draw = (id: string, grafana: ReportGrafana | null): Drawn => {
    const graph = graphOf(grafana?.datasources ?? [], linksIn(report, grafana?.id ?? null), groups);
    return { id, graph, layout: layOut(graph) };
  };
  const drawn = report.grafanas.map((grafana, i) => ({ grafana, own: draw(`grafana-${i}`, grafana) }));
  const homeless = draw('no-grafana', null);
  const all = [...drawn.map(({ own }) => own), homeless];
  const names = namesOf(report);
  const css = `${style}${all.map(widthRule).join('')}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(css)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${verdict(report)} \u2013 crosslink doctor</title>
<style>${Markup.asIs(css)}</style>
</head>
<body>
${masthead(report)}
<main id="main" tabindex="-1">
${statementsSection('finding', 'Findings', groups, names)}
${legend(all.map(({ graph }) => graph))}
${drawn.map(({ grafana, own }) => grafanaSection(grafana, own, report))}
${homelessSection(homeless)}
${statementsSection('note', 'Notes', groupsOf(report.notes), names)}
</main>
<div id="hint" role="tooltip" hidden></div>
<script>${Markup.asIs(script)}</script>
</body>
</html>
`;
  return page.toString();
}

/** The browser applies this style and runs this script and no others, whatever may stand elsewhere on the page. */
function policy(css: string): string {
  return [
    "default-src 'none'",
    `style-src '${hashOf(css)}'`,
    `script-src '${hashOf(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** A drawing shrinks with the window as long as it can be read; then it scrolls. */
function widthRule({ id, layout }: Drawn): string {
  return `#${id} svg.graph { min-width: ${Math.round(layout.width * 0.86)}px; }\n`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
