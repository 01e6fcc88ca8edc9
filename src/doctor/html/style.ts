/** Quiet, in light and dark: colour says what a link leads to, and red only what is wrong. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f7f7f5; --paper: #fff; --ink: #1d2125; --soft: #5a626b; --hair: #dfe0dd; --wash: #efefec;
  --good: #1f7a45; --bad: #b42318; --bad-wash: #fdf0ee; --focus: #1c64d8; --shade: rgb(20 24 28 / 14%);
  --metrics: #a85409; --traces: #6b3fc4; --logs: #177245; --profiles: #1667a8; --other: #5a626b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121417; --paper: #1b1e22; --ink: #e6e8ea; --soft: #a0a8b0; --hair: #33383e; --wash: #24282d;
    --good: #6fcf97; --bad: #ff8a7a; --bad-wash: #2d1d1c; --focus: #7fb0ff; --shade: rgb(0 0 0 / 55%);
    --metrics: #e5a562; --traces: #b79df2; --logs: #76c893; --profiles: #79b8ea; --other: #a0a8b0;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } * { transition: none !important; } }
body {
  margin: 0 auto; padding: 2rem clamp(1rem, 2vw, 2.5rem) 4rem; max-width: 100rem;
  background: var(--ground); color: var(--ink); overflow-wrap: anywhere;
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, Ubuntu, Cantarell, sans-serif;
}
code, .own, :where(svg.graph) text { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; }
code { font-size: .88em; }
h1, h2, p, ul, ol { margin: 0; }
ul, ol { padding: 0; list-style: none; }
a { color: inherit; }
:focus { outline: none; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: 1rem; top: -4rem; padding: .4rem .8rem; background: var(--paper); border: 1px solid var(--hair); border-radius: 6px; }
.skip:focus { top: .6rem; z-index: 2; }

header { margin-bottom: 2rem; }
.by { color: var(--soft); font-size: .87rem; }
h1 { font-size: 2rem; line-height: 1.25; font-weight: 650; letter-spacing: -.015em; display: flex; align-items: center; gap: .6rem; }
h1::before { content: ""; flex: none; width: .62rem; height: .62rem; border-radius: 50%; background: currentcolor; }
h1.good { color: var(--good); }
h1.bad { color: var(--bad); }
.sum { font-size: 1.07rem; }
.models { color: var(--soft); font-size: .93rem; }
.models b, .places b { font-weight: 600; color: var(--ink); }
.contents { display: flex; flex-wrap: wrap; gap: .4rem 1.4rem; margin-top: .8rem; font-size: .93rem; }
.contents span { color: var(--soft); }

section { margin-top: 2.6rem; }
section:focus-visible { outline-offset: 8px; }
h2 { font-size: 1.2rem; font-weight: 650; line-height: 1.4; margin-bottom: .7rem; }
.own { font-size: .95em; }
.count { font-weight: 400; color: var(--soft); font-size: .95rem; margin-left: .3rem; }
.where { margin: -.6rem 0 .8rem; color: var(--soft); font-size: .9rem; }
.where span { margin-right: .9rem; }
.none { color: var(--soft); }

.statements > li { padding: .75rem 1rem; background: var(--paper); border: 1px solid var(--hair); border-top-width: 0; }
.statements > li:first-child { border-top-width: 1px; border-radius: 8px 8px 0 0; }
.statements > li:last-child { border-radius: 0 0 8px 8px; }
.statements > li:only-child { border-radius: 8px; }
.findings > li { border-left: 3px solid var(--bad); }
.findings > li:target { background: var(--bad-wash); }
.code { font-weight: 600; margin-right: .35rem; }
.findings .code { color: var(--bad); }
.places, .remedy { font-size: .93rem; }
.places { color: var(--soft); }
.remedy { margin-top: .15rem; }
.more summary { color: var(--soft); font-size: .93rem; }

.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.6rem; margin-top: 2.4rem; color: var(--soft); font-size: .87rem; }
.legend li { display: flex; align-items: center; gap: .5rem; }
.legend + section { margin-top: 1.4rem; }

.drawing {
  overflow-x: auto; padding: 1rem;
  /* A shade where there is more to the side. */
  background:
    linear-gradient(90deg, var(--paper) 1rem, transparent 2.5rem) local,
    linear-gradient(270deg, var(--paper) 1rem, transparent 2.5rem) local,
    linear-gradient(90deg, var(--shade), transparent .7rem),
    linear-gradient(270deg, var(--shade), transparent .7rem) var(--paper);
  border: 1px solid var(--hair); border-radius: 10px; }
svg.graph { display: block; margin: 0 auto; max-width: 100%; height: auto; }
:where(svg.graph) text { fill: var(--ink); font-size: 10.5px; }
svg.graph .heading { fill: var(--soft); font: 600 12px system-ui, sans-serif; }
.card { fill: var(--ground); stroke: var(--hair); }
.rule { stroke: var(--hair); }
.edge { stroke: var(--tone); stroke-width: 2.5; stroke-linecap: round; fill: none; }
.node.metrics, .to-metrics { --tone: var(--metrics); }
.node.traces, .to-traces { --tone: var(--traces); }
.node.logs, .to-logs { --tone: var(--logs); }
.node.profiles, .to-profiles { --tone: var(--profiles); }
.node.other, .to-other { --tone: var(--other); }
.link.missing { --tone: var(--soft); }
.link.astray { --tone: var(--bad); }
.node .name { font-size: 12.5px; font-weight: 600; }
.node .type { fill: var(--tone); text-anchor: end; }
.node .uid { fill: var(--soft); }
.stranger .card { stroke: var(--soft); stroke-dasharray: 4 3; fill: none; }
.stranger .edge { display: none; }
.kind.right, .why.left { text-anchor: end; }
.line { fill: none; stroke: var(--tone); stroke-width: 1.5; }
.missing .line { stroke-dasharray: 4 3; }
.missing .kind, .why { fill: var(--soft); }
.astray .kind { fill: var(--bad); }
.head { fill: var(--tone); }
.port { fill: var(--paper); stroke: var(--tone); stroke-width: 1.5; }
.made .port, .astray .port { fill: var(--tone); }
.cross { fill: none; stroke: var(--tone); stroke-width: 1.5; }
.hit { fill: none; stroke: none; pointer-events: all; }
path.hit { stroke: transparent; stroke-width: 9; pointer-events: stroke; }
.badge circle { fill: var(--bad); }
.badge text { fill: var(--paper); font-weight: 700; text-anchor: middle; }
.badge:focus-visible circle { stroke: var(--focus); stroke-width: 3; }
.link, .node { transition: opacity .12s; }
.lighted .link:not(.lit) { opacity: .14; }
.lighted .node:not(.lit) { opacity: .45; }
.lit .line { stroke-width: 2.25; }
svg .link:focus-visible, svg .node:focus-visible { outline: none; }
.node:focus-visible .card, .link:focus-visible .port { stroke: var(--focus); stroke-width: 2.5; }
.link:focus-visible .kind, .link:focus-visible .why { text-decoration: underline; text-decoration-color: var(--focus); }
.node, .link { cursor: default; }

.part { margin-top: .9rem; }
summary { cursor: pointer; width: fit-content; }
.part > summary { font-weight: 600; margin-bottom: .5rem; }
.scroll { overflow-x: auto; background: var(--paper); border: 1px solid var(--hair); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem; border-bottom: 1px solid var(--hair); min-width: 9rem; }
tbody tr:last-child td { border-bottom: 0; }
th { color: var(--soft); font-weight: 600; }
td b { font-weight: 600; }
td code, .not { color: var(--soft); }
td .astray { color: var(--bad); }

#hint {
  position: fixed; z-index: 1; max-width: min(27rem, calc(100vw - 16px)); padding: .6rem .8rem;
  background: var(--paper); border: 1px solid var(--hair); border-radius: 8px; box-shadow: 0 6px 24px var(--shade);
  font-size: .87rem; line-height: 1.45;
}
#hint p + p { margin-top: .3rem; }
#hint p:first-child { font-weight: 600; }
#hint .remedy { color: var(--soft); font-size: inherit; }
@media print { body { max-width: none; padding: 0; } .skip, #hint { display: none; } .drawing { overflow: visible; } }
`;
