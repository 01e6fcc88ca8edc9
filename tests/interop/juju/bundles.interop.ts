import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '#src/local';
import { pack } from '#src/pack';
import { judgeBundle } from './judge.ts';

/** A copy of what an operator has: deploy/ beside the charm that ./crosslink pack wrote; and COS Lite, as stand-ins. */
let folder: string;
const deploy = (file: string) => join(folder, 'deploy', file);
const cosLite = () => join(folder, 'tests/deploy/cos-lite.yaml');

suite('the bundles in deploy/, as Juju reads them', () => {
  suiteSetup(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-juju-'));
    await mkdir(join(folder, 'tests'));
    for (const copied of ['deploy', 'tests/deploy']) {
      await cp(join(projectFolder, copied), join(folder, copied), { recursive: true });
    }
    await pack(['amd64'], folder);
  });
  suiteTeardown(() => rm(folder, { recursive: true, force: true }));

  test('bundle.yaml holds against the packed charm', async () => {
    const { Applications, Errors } = await judgeBundle(deploy('bundle.yaml'));
    assert.deepEqual(Errors, []);
    assert.deepEqual(Applications, ['grafana', 'loki', 'mimir', 'tempo']);
  });

  for (const [overlays, added] of [
    [['tempo-overlay.yaml'], ['tempo']],
    [['grafana-overlay.yaml'], ['grafana-gateway']],
    [
      ['tempo-overlay.yaml', 'grafana-overlay.yaml'],
      ['tempo', 'grafana-gateway'],
    ],
  ] as const) {
    test(`${overlays.join(' and ')} on COS Lite holds against the packed charm`, async () => {
      const files = overlays.map((overlay) => deploy(join('cos-lite', overlay)));
      const { Applications, Errors } = await judgeBundle(cosLite(), ...files);
      assert.deepEqual(Errors, []);
      const own = ['alertmanager', 'grafana', 'loki', 'prometheus'];
      assert.deepEqual(Applications, [...own, ...added].toSorted());
    });
  }

  for (const [what, from, to, complaint] of [
    ['an endpoint that the charm lacks', 'tempo:receive-datasource', 'tempo:receive', /receive/],
    ['an option that the charm lacks', 'datasource-type', 'datasource-kind', /datasource-kind/],
    ['a charm that is not there', '24.04-amd64', '24.04-riscv64', /riscv64/],
  ] as const) {
    test(`an overlay with ${what} is refused`, async () => {
      const broken = deploy('cos-lite/broken-overlay.yaml');
      await writeFile(
        broken,
        (await readFile(deploy('cos-lite/tempo-overlay.yaml'), 'utf8')).replaceAll(from, to),
      );
      const seen = await judgeBundle(cosLite(), broken).catch(({ stderr }) => ({ Errors: [String(stderr)] }));
      assert.match(seen.Errors.join('\n'), complaint);
    });
  }
});
