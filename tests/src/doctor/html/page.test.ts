import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Report } from '#src/doctor';
import { htmlPage } from '#src/doctor/html';
import { script } from '../../../../src/doctor/html/script.ts';
import { diagnosed } from '../diagnosis.ts';
import { healthy } from '../healthy.ts';
import { faults } from '../planted.ts';
import { anyReport, hostile, reportOf } from './reports.ts';

/** All tags of a page, which is taken apart more strictly than any browser does it. */
function tagsOf(page: string): { name: string; attributes: Map<string, string> }[] {
  const body = page.replace(/<style>.*?<\/style>/s, '').replace(`<script>${script}</script>`, '');
  const tag = /<(\/?[a-z][a-z0-9]*|!doctype)((?: [a-zA-Z-]+(?:="[^"<>]*")?)*)\/?>/g;
  assert.doesNotMatch(body.replace(tag, ''), /[<>]/, 'nothing but tags of ours');
  return [...body.matchAll(tag)].map(([, name = '', attributes = '']) => ({
    name: name.replace('/', ''),
    attributes: new Map(
      [...attributes.matchAll(/ ([a-zA-Z-]+)(?:="([^"]*)")?/g)].map(([, key = '', value = '']) => [
        key,
        value,
      ]),
    ),
  }));
}

/** @returns what each of these marks in the drawings says */
function marks(page: string, name: string): string[] {
  const found = page.matchAll(new RegExp(`<g class="${name}[ "][^>]*>\\s*<title>([^<]*)</title>`, 'g'));
  return [...found].map(([, title = '']) => title);
}

const elements = new Set(
  `!doctype html head meta title body header main section nav h1 h2 p b a ul ol li span code details summary div table
   thead tbody tr th td svg g rect path circle text`.split(/\s+/),
);
const attributes = new Set(
  `lang charset http-equiv content name class id href role hidden tabindex aria-label aria-labelledby aria-hidden scope
   open width height viewBox x y rx d cx cy r data-node data-from data-to html`.split(/\s+/),
);

function assertOurs(page: string): void {
  for (const tag of tagsOf(page)) {
    assert.ok(elements.has(tag.name), tag.name);
    for (const [key, value] of tag.attributes) {
      assert.ok(attributes.has(key), `${tag.name} ${key}`);
      if (key === 'href') assert.match(value, /^#[a-z0-9-]+$/);
    }
  }
}

suite('the page of a report', () => {
  test('has a mark for each datasource and each link, in the Grafana that they are in', () => {
    for (const world of Object.values(healthy)) {
      const report = diagnosed(world());
      const page = htmlPage(report);
      const nodes = report.grafanas.flatMap(({ datasources }) => datasources);
      assert.equal(marks(page, 'node').length, nodes.length);
      assert.equal(marks(page, 'link').length, report.links.length);
      const missing = report.links.filter(({ to }) => to === null);
      assert.equal(marks(page, 'link missing').length, missing.length);
    }
  });

  test('says of each link that is missing why, and what to do', () => {
    const report = diagnosed(healthy.cosV0());
    const page = htmlPage(report);
    const missing = report.links.filter(({ to }) => to === null);
    const told = marks(page, 'link missing').join('\n').replaceAll('&#39;', "'");
    assert.ok(missing.length > 0);
    for (const { code, message, remedy } of missing.flatMap(({ reasons }) => reasons)) {
      assert.ok(told.includes(`\n${code}: ${message}\nTo mend it, ${remedy}.`), told);
    }
  });

  test('says what is wrong, where, and what to do, and leads there from the datasource', () => {
    for (const { world, plant } of faults) {
      const models = world();
      const [first] = models;
      assert.ok(first !== undefined);
      plant(first, models);
      const report = diagnosed(models);
      const page = htmlPage(report);
      const text = page
        .replace(/<[^>]*>/g, '')
        .replace(/&(#39|quot|lt|gt|amp);/g, (_, name: string) => entities[name] ?? '');
      for (const { code, message, remedy, where } of report.findings) {
        assert.ok(text.includes(`${code} ${message}`), message);
        assert.ok(text.includes(`To mend it, ${remedy}.`), remedy);
        for (const end of where.relation?.ends ?? []) assert.ok(text.includes(end), end);
      }
      for (const [, anchor = ''] of page.matchAll(/href="#(finding-\d+)"/g)) {
        assert.ok(page.includes(`id="${anchor}"`), anchor);
      }
    }
  });

  test('draws a link to what its Grafana does not have as one that leads astray', () => {
    const report = reportOf(5);
    const [link, ...others] = report.links;
    assert.ok(link !== undefined);
    const astray = { ...link, to: { uid: 'gone', app: null, model: null, type: null }, reasons: [] };
    const page = htmlPage({ ...report, links: [astray, ...others] });
    const [told = ''] = marks(page, 'link astray');
    assert.match(told, /leads astray\nIt names the UID gone, which no known datasource of this Grafana has/);
    assert.equal(marks(page, '(?:node [a-z]+ stranger)').length, 1);
  });

  test('shows what has no Grafana that says who it is', () => {
    const report = reportOf(5);
    const page = htmlPage({
      ...report,
      grafanas: [],
      links: report.links.map((l) => ({ ...l, grafana: null })),
    });
    assert.match(page, /In no Grafana/);
    assert.equal(marks(page, 'link').length, report.links.length);
  });

  test('calls datasources what Grafana calls them, where it was looked at', () => {
    const report = reportOf(5);
    const [grafana] = report.grafanas;
    const [first, ...others] = grafana?.datasources ?? [];
    assert.ok(grafana !== undefined && first !== undefined);
    const named = { ...first, name: 'Our traces', readOnly: true, app: null, model: null, unit: null };
    const where = { ...nowhere, datasource: first.uid, key: 'serviceMap', path: '.datasourceUid' };
    const page = htmlPage({
      ...report,
      models: [],
      grafanas: [{ ...grafana, model: null, version: '12.1.0', datasources: [named, ...others] }],
      findings: [{ code: 'uid-unknown', where, message: 'no such UID', remedy: 'take it out' }],
    });
    assert.match(page, /<text class="name"[^>]*>Our traces<\/text>/);
    assert.match(page, /Read-only: it is from a provisioning file/);
    assert.match(page, /datasource <b>Our traces<\/b>, <code>serviceMap\.datasourceUid<\/code>/);
    assert.match(page, /version 12\.1\.0/);
    assert.equal(page.match(/class="badge"/g)?.length, 1);
  });

  test('is the same for the same report, and needs little', () => {
    assert.equal(htmlPage(reportOf(100)), htmlPage(reportOf(100)));
    assert.ok(htmlPage(reportOf(100)).length < 400_000);
  });
});

const nowhere: Report['findings'][number]['where'] = {
  ...{ model: null, app: null, relation: null, datasource: null, key: null, path: null },
};
const entities: Readonly<Record<string, string>> = { '#39': "'", quot: '"', lt: '<', gt: '>', amp: '&' };

suite('the page, which shows what anybody may have written,', () => {
  test('has the tags and attributes that are ours and no others', () => {
    fc.assert(
      fc.property(anyReport, (report) => assertOurs(htmlPage(report))),
      { numRuns: 300 },
    );
  });

  for (const name of hostile) {
    test(`takes ${JSON.stringify(name)} for text wherever it stands`, () => {
      const everywhere = JSON.parse(
        JSON.stringify(diagnosed(healthy.cosV0())).replaceAll(/"(tempo|loki|mimir|cos|grafana)"/g, () =>
          JSON.stringify(name),
        ),
      ) as Report;
      assertOurs(htmlPage(everywhere));
    });
  }

  test('shows characters that have no shape as what they are', () => {
    const report = reportOf(5);
    const page = htmlPage({
      ...report,
      models: [{ name: 'a\u202eb\nc\u0000', applications: 1, relations: 1 }],
    });
    assert.ok(page.includes('<b>a\\u{202e}b\\u{a}c\\u{0}</b>'));
    assert.doesNotMatch(page.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}]/u);
  });

  test('lets the browser apply its own style and script only, by what they are', () => {
    const page = htmlPage(reportOf(20));
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
    const [, ownScript = ''] = /<script>(.*?)<\/script>/s.exec(page) ?? [];
    const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    assert.deepEqual(policy.replaceAll('&#39;', "'").split('; '), [
      "default-src 'none'",
      `style-src ${hash(style)}`,
      `script-src ${hash(ownScript)}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    assert.doesNotMatch(page, /https?:|url\(|@import/, 'nothing to be fetched');
  });
});
