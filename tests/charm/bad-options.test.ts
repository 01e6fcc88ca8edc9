import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Config } from '#lib/juju';
import { projectFolder } from '#src/local';
import { grafanaSource, runCharm, world } from './worlds.ts';

const datasource = { 'datasource-type': 'tempo', 'datasource-url': 'http://tempo:3200' };
const gateway = { 'grafana-url': 'http://127.0.0.1:1', 'grafana-token': 'secret:9m4e2mr0ui3e8a215n4g' };

/** For each option a value that can't be meant, and where the status says that it is bad. */
const bad: readonly [option: string, config: Config, status: RegExp][] = [
  ['grafana-url', { ...gateway, 'grafana-url': 'grafana' }, /^grafana-url: expected/],
  ['grafana-token', { ...gateway, 'grafana-token': 'glsa_hunter2' }, /grafana-token/],
  ['grafana-uid', { ...gateway, 'grafana-uid': 'a\nb' }, /^grafana-uid: expected/],
  ['grafana-ca', { ...gateway, 'grafana-ca': 'hunter2' }, /^grafana-ca: expected/],
  ['datasource-type', { ...datasource, 'datasource-type': 'temp' }, /^datasource-type: expected one of/],
  ['datasource-url', { ...datasource, 'datasource-url': 'tempo' }, /^datasource-url: expected/],
  ['correlations', { ...datasource, correlations: 'logs' }, /^correlations: no such kind: logs; there are/],
  ['metrics-app', { ...datasource, 'metrics-app': 'Mimir' }, /^metrics-app: 'Mimir' is no application name$/],
  ['logs-app', { ...datasource, 'logs-app': 'loki/0' }, /^logs-app: 'loki\/0' is no application name$/],
  ['traces-app', { ...datasource, 'traces-app': '-' }, /^traces-app: '-' is no application name$/],
  ['profiles-app', { ...datasource, 'profiles-app': '9' }, /^profiles-app: '9' is no application name$/],
  [
    'traces-to-logs',
    { ...datasource, 'traces-to-logs': 'tags: [{key: a}, {value: x}]' },
    /^traces-to-logs\.tags\[1\]\.key: /,
  ],
  [
    'traces-to-metrics',
    { ...datasource, 'traces-to-metrics': '{"queries": [{"query": 5}]}' },
    /^traces-to-metrics\.queries\[0\]\.query: /,
  ],
  ['json-data', { ...datasource, 'json-data': 'a: {b: [1, .inf]}' }, /^json-data\.a\.b\[1\]: /],
  ['secure-json-data', { ...datasource, 'secure-json-data': 'hunter2' }, /secure-json-data/],
];

suite('charm: a bad value blocks, and the status begins with the path of the bad key', () => {
  for (const [option, config, message] of bad) {
    test(`of ${option}`, async () => {
      const related = world({ config, relations: [grafanaSource('grafana', {})] });
      const { unitStatus } = (await runCharm('config-changed', related)).state;
      assert.equal(unitStatus.status, 'blocked');
      assert.match(unitStatus.message, message);
      assert.doesNotMatch(unitStatus.message, /hunter2/);
    });
  }

  test('of every option that the charm has, but for those that Juju itself checks', async () => {
    const Options = z.object({ options: z.record(z.string(), z.object({ type: z.string() })) });
    const { options } = Options.parse(parse(await readFile(join(projectFolder, 'config.yaml'), 'utf8')));
    const free = Object.entries(options).filter(([, { type }]) => type !== 'boolean');
    assert.deepEqual(bad.map(([option]) => option).toSorted(), free.map(([name]) => name).toSorted());
  });
});
