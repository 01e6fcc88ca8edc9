import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pluginFolders, pluginJson } from '../lib/grafana-plugin/build/plugin-folder.ts';
import { crosslink, startCrosslink } from './command.ts';

suite('crosslink plugin build', () => {
  const folders = pluginFolders();

  test('makes dist/ and says what is in it', async () => {
    const folder = await folders.make();
    const { code, stdout, stderr } = await crosslink('plugin', 'build', folder);
    assert.equal(code, 0, stderr);
    const [first = '', ...rows] = stdout.trimEnd().split('\n');
    assert.match(first, /^acme-weather-datasource 1\.2\.3 in .*\/dist, made in \d+\.\d s$/);
    assert.deepEqual(
      rows.map((row) => row.trim().split(/ {2,}/)[0]),
      ['plugin.json', 'img/logo.svg', 'module.js', 'module.js.map'],
    );
  });

  test('--out and SOURCE_DATE_EPOCH', async () => {
    const info = { ...(pluginJson().info as object), updated: '%TODAY%' };
    const folder = await folders.make({ 'src/plugin.json': JSON.stringify(pluginJson({ info })) });
    const out = join(folder, 'elsewhere');
    const environment = { SOURCE_DATE_EPOCH: '86400' };
    const { code, stderr } = await startCrosslink(['plugin', 'build', folder, '--out', out], environment)
      .finished;
    assert.equal(code, 0, stderr);
    const built = JSON.parse(await readFile(join(out, 'plugin.json'), 'utf8'));
    assert.equal(built.info.updated, '1970-01-02');
  });

  for (const [what, args, message] of [
    ['nothing to do', ['plugin'], /crosslink plugin takes what to do: build; crosslink help plugin shows/],
    [
      'something else',
      ['plugin', 'sign'],
      /crosslink plugin has no 'sign'; crosslink help plugin shows the options/,
    ],
    ['two folders', ['plugin', 'build', 'a', 'b'], /crosslink plugin build takes one folder, not 'b' too/],
    [
      'an unknown option',
      ['plugin', 'build', '--fast'],
      /Unknown option '--fast'; crosslink help plugin shows/,
    ],
    [
      'a processor that there is no Node for',
      ['plugin', 'build', '--target', 'linux_riscv64'],
      /--target takes linux_amd64 and linux_arm64, not 'linux_riscv64'; crosslink help plugin shows/,
    ],
    [
      'another system',
      ['plugin', 'build', '--target', 'linux_amd64,darwin_arm64'],
      /not 'darwin_arm64'; for macOS and Windows none are made: run Grafana in a container there/,
    ],
    [
      'a folder without a plugin',
      ['plugin', 'build', '/'],
      /no plugin in .*: it has neither src\/plugin\.json nor/,
    ],
  ] as const) {
    test(`asked for ${what}`, async () => {
      const { code, stderr, stdout } = await crosslink(...args);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, message);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
    });
  }

  test('everything that is wrong with plugin.json, a line each', async () => {
    const folder = await folders.make({
      'src/plugin.json': JSON.stringify(pluginJson({ metric: true, state: 'new' })),
    });
    const { code, stderr } = await crosslink('plugin', 'build', folder);
    assert.equal(code, 2);
    const lines = stderr.trim().split('\n');
    assert.equal(lines.length, 2, stderr);
    assert.match(
      stderr,
      /plugin\.json: metric is a key that Grafana does not know; correct its name or remove it/,
    );
    assert.match(stderr, /plugin\.json: state has to be one of alpha, beta/);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });

  test('its help says what it does', async () => {
    for (const args of [
      ['help', 'plugin'],
      ['plugin', 'build', '--help'],
    ]) {
      const { code, stdout } = await crosslink(...args);
      assert.equal(code, 0);
      assert.match(stdout, /^Usage: crosslink plugin build /);
      for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
    }
    for (const line of (await crosslink('help')).stdout.split('\n')) assert.ok(line.length <= 80, line);
  });
});
