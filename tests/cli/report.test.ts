import assert from 'node:assert/strict';
import type { ReportedLink, ScenarioResult } from '#src/local';
import { report } from '../../src/cli/report.ts';

/** As long as Grafana takes it. */
const longUid = (start: string) => start.padEnd(40, 'x');

function result(changes: Partial<ScenarioResult>): ScenarioResult {
  return {
    scenario: 'small',
    settled: true,
    hooks: 42,
    failedHooks: 0,
    applications: [],
    grafanas: [{ name: 'main', grafanaUid: 'g1', url: 'http://127.0.0.1:3000', datasources: [] }],
    links: [],
    restless: [],
    differences: [],
    ...changes,
  };
}

function link(from: { app: string; uid: string }, to: string | null, because = ''): ReportedLink {
  return {
    grafanaUid: 'g1',
    from: { ...from, type: 'tempo' },
    kind: 'traces-to-metrics',
    to: to === null ? null : { app: 'mimir', uid: to, type: 'prometheus' },
    reasons: because === '' ? [] : [{ code: 'other-grafana', message: because, remedy: 'integrate it' }],
  };
}

function noWiderThanATerminal(text: string): void {
  for (const line of text.split('\n')) assert.ok(line.length <= 80, `${line.length}: ${line}`);
}

suite('the table at the end', () => {
  test('has a row for each link', () => {
    const text = report(result({ links: [link({ app: 'tempo', uid: 't1' }, 'm1')] }), 1234);
    assert.match(text, /^Scenario small: settled after 42 hooks, in 1\.2 s\n/);
    assert.match(text, /\n {2}FROM {2}KIND {15}TO\n {2}t1 {4}traces-to-metrics {2}m1\n/);
  });

  test('gives the longest UIDs lines of their own, each once, and stays as narrow as a terminal', () => {
    const tempo = { app: 'tempo', uid: longUid('tempo') };
    const text = report(
      result({
        links: [link(tempo, longUid('mimir')), { ...link(tempo, longUid('loki')), kind: 'traces-to-logs' }],
      }),
      1,
    );
    noWiderThanATerminal(text);
    assert.match(
      text,
      /\n {2}FROM\n {4}KIND {15}TO\n {2}tempox{35}\n {4}traces-to-metrics {2}mimirx{35}\n {4}traces-to-logs {5}lokix{36}\n/,
    );
  });

  test('says of each application why it is not linked, and each reason once', () => {
    const links = [
      link({ app: 'tempo', uid: 't1' }, null, 'mimir is elsewhere'),
      link({ app: 'tempo', uid: 't2' }, null, 'mimir is elsewhere'),
      link({ app: 'other', uid: 'o1' }, null, 'mimir is silent'),
    ];
    const text = report(result({ links }), 1);
    assert.equal(text.match(/mimir is elsewhere; to mend it, integrate it/g)?.length, 1);
    assert.match(text, /\n {2}tempo not linked: traces-to-metrics\n {4}mimir is elsewhere;/);
    assert.match(text, /\n {2}other not linked: traces-to-metrics\n {4}mimir is silent;/);
  });

  test('keeps a long status of a unit with a long name within a terminal, without line breaks of its own', () => {
    const message = `waiting\nfor \x1b[31m${'somebody '.repeat(20)}`;
    const name = `${'tempo-coordinator-'.repeat(3)}k8s`;
    const units = [{ name: `${name}/0`, leader: true, status: 'waiting', message }];
    const text = report(result({ applications: [{ name, units }] }), 1);
    noWiderThanATerminal(text);
    assert.ok(!text.includes('\x1b'));
    assert.match(text, /\/0\*\n {4}waiting {2}waiting for /);
  });

  test('says so when there are no units, and counts one thing in the singular', () => {
    const text = report(result({ hooks: 1 }), 1);
    assert.match(text, /after 1 hook,/);
    assert.match(text, /\nNo units\n/);
  });
});
