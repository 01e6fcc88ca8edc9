import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Report } from '#src/doctor';
import { graphOf, linksIn } from '../../../../src/doctor/html/graph.ts';
import { type Layout, layOut } from '../../../../src/doctor/html/layout.ts';
import { columnsOf } from '../../../../src/doctor/html/names.ts';
import { missingLabel, sizes } from '../../../../src/doctor/html/sizes.ts';
import { anyReport, reportOf } from './reports.ts';

function layoutsOf(report: Report): Layout[] {
  return report.grafanas.map(({ id, datasources }) =>
    layOut(graphOf(datasources, linksIn(report, id), [report.findings])),
  );
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Points of a path, close together: only the commands that are used here are known. */
function pointsOn(path: string): (readonly [number, number])[] {
  const points: (readonly [number, number])[] = [];
  let [x, y] = [0, 0];
  for (const [, command = '', rest = ''] of path.matchAll(/([MHC])([^MHC]*)/g)) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = rest.trim().split(/\s+/).map(Number);
    const [fromX, fromY] = [x, y];
    for (let t = 0; t <= 1; t += 0.02) {
      const mix = (p: number, q: number, r: number, s: number) =>
        (1 - t) ** 3 * p + 3 * (1 - t) ** 2 * t * q + 3 * (1 - t) * t ** 2 * r + t ** 3 * s;
      if (command === 'H') points.push([fromX + (a - fromX) * t, fromY]);
      if (command === 'C') points.push([mix(fromX, a, c, e), mix(fromY, b, d, f)]);
    }
    if (command === 'M') [x, y] = [a, b];
    else if (command === 'H') x = a;
    else [x, y] = [e, f];
  }
  return points;
}

function check(layout: Layout): void {
  const { nodes, headings, width, height } = layout;
  const links = nodes.flatMap(({ ports }) =>
    ports.flatMap((port) => port.links.map((link) => ({ port, ...link }))),
  );
  const reasons = links.flatMap(({ port, link, path }): Box[] => {
    if (path !== null) return [];
    const long = sizes.stub + columnsOf(missingLabel(link)) * sizes.small;
    return [{ x: port.side === 'left' ? port.x - long : port.x, y: port.y - 7, width: long, height: 14 }];
  });
  const titles = headings.map(({ text, x, y }) => ({ x, y: y - 10, width: text.length * 7, height: 13 }));
  const boxes: Box[] = [...nodes, ...titles];
  for (const [i, one] of [...boxes, ...reasons].entries()) {
    assert.ok(
      one.x >= 0 && one.y >= 0 && one.x + one.width <= width + 1 && one.y + one.height <= height,
      'inside',
    );
    for (const other of [...boxes, ...reasons].slice(i + 1)) assert.ok(!overlap(one, other), 'apart');
  }
  for (const { path } of links) {
    if (path === null) continue;
    for (const [x, y] of pointsOn(path)) {
      assert.ok(x >= -0.2 && x <= width + 0.2 && y >= 0 && y <= height, `${path} stays inside`);
      const across = [...nodes, ...reasons].find(
        (box) =>
          x > box.x + 0.2 && x < box.x + box.width - 0.2 && y > box.y + 1 && y < box.y + box.height - 1,
      );
      assert.equal(across, undefined, `${path} crosses nothing`);
    }
  }
}

suite('the layout of a graph', () => {
  for (const count of [1, 5, 20, 100]) {
    test(`keeps ${count} datasources, their links and the reasons of missing ones apart`, () => {
      for (const layout of layoutsOf(reportOf(count))) check(layout);
    });
  }

  test('keeps them apart in any report', () => {
    fc.assert(fc.property(anyReport, (report) => layoutsOf(report).forEach(check)));
  });

  test('does not depend on the order of datasources', () => {
    const report = reportOf(20);
    const [grafana] = report.grafanas;
    assert.ok(grafana !== undefined);
    const turned = { ...report, grafanas: [{ ...grafana, datasources: grafana.datasources.toReversed() }] };
    assert.deepEqual(layoutsOf(turned), layoutsOf(report));
  });

  test('stands traces between metrics and logs, and units in the order of their numbers', () => {
    const [layout] = layoutsOf(reportOf(100));
    assert.ok(layout !== undefined);
    const x = (type: string) =>
      new Set(layout.nodes.filter(({ node }) => node.type === type).map((one) => one.x));
    const [[metrics = 0], [traces = 0], [logs = 0]] = [[...x('prometheus')], [...x('tempo')], [...x('loki')]];
    assert.ok(metrics < traces && traces < logs);
    const tempos = layout.nodes.filter(({ node }) => node.type === 'tempo').toSorted((a, b) => a.y - b.y);
    assert.deepEqual(
      tempos.slice(0, 3).map(({ node }) => node.name),
      ['tempo-a/0', 'tempo-a/1', 'tempo-b/2'],
    );
  });
});
