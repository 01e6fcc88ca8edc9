import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import type { Report } from '#src/doctor';
import { htmlPage } from '#src/doctor/html';
import { crosslink } from '../cli/command.ts';
import { cosV0 } from '../src/doctor/healthy.ts';
import { hostile, reportOf } from '../src/doctor/html/reports.ts';
import { jujuShowUnit, jujuStatus } from '../src/doctor/juju-format.ts';
import { bagOf, sourceData } from '../src/doctor/models.ts';
import { Chromium, type Page, type PageOptions } from './chromium.ts';

let browser: Chromium;
let folder: string;
/** Everything that was opened: none of it may have asked for more than itself, nor complained. */
let opened: { readonly page: Page; readonly url: string }[];
suiteSetup(async () => {
  browser = await Chromium.start(process.env.CROSSLINK_CHROMIUM ?? 'chromium');
  folder = await mkdtemp(join(tmpdir(), 'crosslink-browser-'));
});
suiteTeardown(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});
setup(() => {
  opened = [];
});
teardown(() => {
  for (const { page, url } of opened) {
    assert.deepEqual(page.requests, [url]);
    assert.deepEqual(page.complaints, []);
  }
});

async function open(file: string, options: PageOptions = { width: 1280 }): Promise<Page> {
  const page = await browser.open(options);
  const url = pathToFileURL(file).href;
  opened.push({ page, url });
  await page.go(url);
  return page;
}

async function openReport(report: Report, options?: PageOptions): Promise<Page> {
  const file = join(folder, 'report.html');
  await writeFile(file, htmlPage(report));
  return open(file, options);
}

/** The command itself, on a model with a secret in clear text. */
async function doctored(): Promise<{
  file: string;
  report: Pick<Report, 'grafanas' | 'links' | 'findings'>;
}> {
  const [cos] = cosV0();
  assert.ok(cos !== undefined);
  const { appData } = bagOf(cos, 'alertmanager:grafana-source', 'grafana');
  appData.grafana_source_data = sourceData('alertmanager', 'alertmanager', null, { password: 'hunter2' });
  const [status, shown, file] = ['status', 'show-unit', 'page.html'].map((name) => join(folder, name));
  assert.ok(status !== undefined && shown !== undefined && file !== undefined);
  await writeFile(status, JSON.stringify(jujuStatus(cos)));
  await writeFile(shown, JSON.stringify(jujuShowUnit(cos)));
  const options = ['--status', status, '--show-unit', shown, '--json', '--html', file];
  const { code, stdout, stderr } = await crosslink('doctor', ...options);
  assert.equal(code, 1, stderr);
  return { file, report: JSON.parse(stdout) as Report };
}

const count = async (page: Page, selector: string) =>
  page.evaluate(`document.querySelectorAll(${JSON.stringify(selector)}).length`);

/** The middle of what is drawn, scrolled into view, once the page has been told that it was scrolled. */
async function middleOf(page: Page, selector: string): Promise<[number, number]> {
  const point = await page.evaluate(`(async () => {
    const mark = document.querySelector(${JSON.stringify(selector)});
    mark.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    for (let frames = 0; frames < 2; frames += 1) await new Promise(requestAnimationFrame);
    const { x, y, width, height } = mark.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  })()`);
  return z.tuple([z.number(), z.number()]).parse(point);
}

/** What the hint says, once it shows all of itself and says what is expected; or else what it says in the end. */
async function hint(page: Page, expected = /./): Promise<string> {
  return until(page, hintText, (text) => expected.test(text));
}

const hintText = `(() => {
  const hint = document.getElementById('hint');
  const { width, height, left, right, top, bottom } = hint.getBoundingClientRect();
  const inside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
  return width > 0 && height > 0 && inside ? hint.innerText : '';
})()`;

/** Looks again and again, for at most five seconds. */
async function until(page: Page, expression: string, isIt: (value: string) => boolean): Promise<string> {
  let value = '';
  for (let tries = 0; tries < 250; tries += 1) {
    value = String(await page.evaluate(expression));
    if (isIt(value)) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return value;
}

const isHintHidden = `String(document.getElementById('hint').hidden)`;

suite('the page of crosslink doctor, in Chromium,', () => {
  test('has a node for each datasource and an edge for each link, dashed where it is missing', async () => {
    const { file, report } = await doctored();
    const page = await open(file);
    const nodes = report.grafanas.flatMap(({ datasources }) => datasources);
    const missing = report.links.filter(({ to }) => to === null);
    assert.equal(await count(page, 'svg.graph .node'), nodes.length);
    assert.equal(await count(page, 'svg.graph .link'), report.links.length);
    assert.equal(await count(page, 'svg.graph .link .head'), report.links.length - missing.length);
    assert.ok(missing.length > 0);
    const dashed = await page.evaluate(`[...document.querySelectorAll('svg.graph .link .line')]
      .filter((line) => getComputedStyle(line).strokeDasharray !== 'none').length`);
    assert.equal(dashed, missing.length);
    assert.equal(await page.evaluate(`document.querySelector('h1').innerText`), '1 finding');
    assert.equal(await count(page, '.findings > li'), 1);
    assert.doesNotMatch(await readFile(file, 'utf8'), /hunter2/);
  });

  test('shows why a link is missing to whoever points at it, and hides it again', async () => {
    const page = await open((await doctored()).file);
    await page.moveMouse(...(await middleOf(page, 'svg.graph .link.missing .line')));
    const text = await hint(page);
    assert.match(text, /^metrics-to-traces, from mimir\/0: not linked/);
    assert.match(text, /not-written: tempo .* could be linked to/);
    assert.match(text, /To mend it, see whether its charm makes this kind of link/);
    await page.moveMouse(2, 2);
    assert.equal(await until(page, isHintHidden, (hidden) => hidden === 'true'), 'true');
  });

  test('brings out the links of a datasource that is pointed at', async () => {
    const page = await open((await doctored()).file);
    await page.moveMouse(...(await middleOf(page, 'svg.graph .node.logs .name')));
    assert.match(await hint(page), /^loki\/0\n/);
    // Two Tempos link to it, and it to one of them.
    assert.equal(await count(page, 'svg.graph .link.lit'), 3);
    assert.equal(await count(page, 'svg.graph .node.lit'), 3);
  });

  test('tells the same to whoever uses the keyboard', async () => {
    const page = await open((await doctored()).file);
    const focused = () =>
      page.evaluate(`document.activeElement.getAttribute('class') ?? document.activeElement.tagName`);
    for (let presses = 0; presses < 12 && !String(await focused()).startsWith('node'); presses += 1) {
      await page.press('Tab');
    }
    assert.match(String(await focused()), /^node/);
    assert.match(await hint(page), /^mimir\/0\n/);
    await page.press('ArrowDown');
    assert.match(String(await focused()), /^link missing/);
    assert.match(await hint(page, /not linked/), /not linked\n+not-written/);
    await page.press('Escape');
    assert.equal(await page.evaluate(isHintHidden), 'true');
  });

  test('lets the keyboard reach what is far below', async () => {
    const page = await openReport(reportOf(100));
    await page.evaluate(`document.querySelector('svg.graph .node').focus()`);
    await page.press('End');
    const last = /^(loki-|logs-to-traces)/;
    assert.match(await hint(page, last), last);
    assert.ok(z.number().parse(await page.evaluate('scrollY')) > 0);
  });

  for (const width of [1280, 400]) {
    for (const report of [reportOf(5), reportOf(20), reportOf(100)].map(withLongNames)) {
      const datasources = report.grafanas.flatMap((grafana) => grafana.datasources).length;
      test(`fits into ${width} pixels with ${datasources} datasources, every text where it belongs`, async () => {
        const page = await openReport(report, { width });
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
        assert.equal(await count(page, 'svg.graph .node'), datasources);
        assert.deepEqual(await page.evaluate(misplaced), []);
      });
    }
  }

  test('can be used with a hundred datasources', async () => {
    const page = await openReport(reportOf(100));
    await page.moveMouse(...(await middleOf(page, 'svg.graph .node.logs .name')));
    assert.match(await hint(page), /^loki-/);
    assert.equal(await count(page, 'svg.graph .node.logs.lit'), 1);
  });

  test('can be read without its script', async () => {
    const page = await openReport(reportOf(5), { width: 1280, script: false });
    // The page's script would have taken the browser's own hints away.
    const told = await page.evaluate(`document.querySelector('svg.graph .link.missing > title').textContent`);
    assert.match(String(told), /^metrics-to-traces, from prometheus-a\/0: not linked\nno-suitable-peer: /);
    const list = await page.evaluate(`document.querySelector('details.part[open]').innerText`);
    assert.match(
      String(list),
      /no-suitable-peer no peer has .*\n+prometheus-a: metrics-to-traces\n+To mend it, /,
    );
  });

  test('runs nothing that stands in a name', async () => {
    const report = reportOf(hostile.length);
    const [grafana] = report.grafanas;
    assert.ok(grafana !== undefined);
    const datasources = grafana.datasources.map((one, i) => ({ ...one, app: hostile[i] ?? '', unit: null }));
    const page = await openReport({
      ...report,
      grafanas: [{ ...grafana, name: hostile.join(' '), datasources }],
    });
    await page.moveMouse(...(await middleOf(page, 'svg.graph .node .name')));
    assert.match(await hint(page), /alert\(1\)/);
    assert.deepEqual(
      await page.evaluate(`[document.scripts.length, document.images.length, document.styleSheets.length]`),
      [1, 0, 1],
    );
  });

  for (const dark of [false, true]) {
    test(`is readable ${dark ? 'in the dark' : 'by day'}: all text stands out from what is behind it`, async () => {
      const page = await openReport(withFinding(reportOf(20)), { width: 1280, dark });
      assert.deepEqual(await page.evaluate(faint), []);
    });
  }
});

function withFinding(report: Report): Report {
  const [first] = report.grafanas[0]?.datasources ?? [];
  const where = {
    model: 'cos',
    app: first?.app ?? null,
    relation: null,
    datasource: null,
    key: 'a',
    path: '.b',
  };
  return {
    ...report,
    healthy: false,
    findings: [{ code: 'uid-unknown', where, message: 'it names a UID', remedy: 'wake it' }],
  };
}

/** As Grafana's users and Python charms choose them. */
function withLongNames(report: Report): Report {
  const text = JSON.stringify(report).replaceAll(
    /"uid":"([^"]*)"/g,
    '"uid":"juju_cos_11111111-2222-4333-8444-$1"',
  );
  const long = JSON.parse(
    text.replaceAll('"name":null', '"name":"MIMIR WHICH IS OF THE WHOLE COMPANY"'),
  ) as Report;
  return long;
}

/** Texts of a card that leave it, and names of links that run into each other. */
const misplaced = `[...document.querySelectorAll('svg.graph')].flatMap((svg) => {
  const outside = [...svg.querySelectorAll('.node')].flatMap((node) => {
    const card = node.querySelector('.card').getBBox();
    return [...node.querySelectorAll('text')].filter((text) => {
      const { x, width } = text.getBBox();
      return x < card.x || x + width > card.x + card.width;
    });
  });
  const sides = (side) => [...svg.querySelectorAll('.kind.' + side)].map((text) => ({ text, box: text.getBBox() }));
  const right = sides('right');
  const colliding = sides('left').filter(({ box: a }) => right.some(({ box: b }) =>
    a.y === b.y && a.x < b.x + b.width && b.x < a.x + a.width));
  return [...outside, ...colliding.map(({ text }) => text)].map((text) => text.textContent);
})`;

/** Texts with less contrast than WCAG's level AA asks for. */
const faint = `(() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const sibling = at.matches('g.node') ? at.querySelector('.card') : at.matches('.badge') ? at.querySelector('circle') : null;
      const color = sibling === null ? getComputedStyle(at).backgroundColor : getComputedStyle(sibling).fill;
      if (color !== 'none' && (parse(color)[3] ?? 1) > 0) return parse(color);
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll('body *')].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')
    && element.getClientRects().length > 0 && !element.matches('script, title'));
  return texts.filter((element) => {
    const style = getComputedStyle(element);
    const color = parse(element.ownerSVGElement ? style.fill : style.color);
    const [a, b] = [luminance(color), luminance(ground(element))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05) < 4.5;
  }).map((element) => element.textContent.slice(0, 40) + ' ' + element.getAttribute('class'));
})()`;
