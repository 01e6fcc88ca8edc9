import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginBuildError, PluginJson } from '#lib/grafana-plugin/build';
import { build, pluginFolders, pluginJson } from './plugin-folder.ts';

const info = pluginJson().info as Record<string, unknown>;

suite('plugin.json', () => {
  const folders = pluginFolders();

  async function problemsOf(text: string): Promise<readonly string[]> {
    const folder = await folders.make({ 'src/plugin.json': text });
    const error: unknown = await build(folder).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof PluginBuildError, String(error));
    return error.problems.map((problem) => problem.replace(/^.*plugin\.json:? /, ''));
  }

  for (const [what, keys, ...expected] of [
    [
      'an unknown key',
      { metric: true },
      'metric is a key that Grafana does not know; correct its name or remove it',
    ],
    [
      'an unknown key further down',
      { info: { ...info, logo: 'img/logo.svg' } },
      'info.logo is a key that Grafana does not know; correct its name or remove it',
    ],
    ['no name', { name: undefined }, 'name is missing'],
    ['a flag that is a string', { metrics: 'yes' }, 'metrics has to be boolean'],
    ['a state that there is not', { state: 'stable' }, 'state has to be one of alpha, beta'],
    [
      'an id of another type',
      { id: 'acme-weather-panel' },
      "id has to end with '-datasource', the plugin's type",
    ],
    [
      'an id in capitals',
      { id: 'Acme-weather-datasource' },
      "id is no plugin id: it takes lower case letters and digits, as in 'myorg-weather-datasource', and ends with the type",
    ],
    [
      'a backend without the name of its executable',
      { backend: true },
      "executable is missing, and a plugin with a backend needs it; for instance 'gpx_weather'",
    ],
    [
      'the name of an executable, and no backend',
      { executable: 'gpx_weather' },
      "backend has to be true, or Grafana never starts the 'executable'",
    ],
    [
      'an executable in a folder',
      { backend: true, executable: '../gpx' },
      "executable is no name of a file: it stands beside plugin.json, so that it has no folder, and is called as in 'gpx_weather'",
    ],
    [
      'an executable with what Grafana adds',
      { backend: true, executable: 'gpx_weather_linux_amd64' },
      "executable is without the system and the processor, which Grafana adds to it: 'gpx_weather'",
    ],
    [
      'alerting without a backend',
      { alerting: true },
      "alerting works with a backend only: set 'backend' to true too",
    ],
    [
      'a version that is none',
      { info: { ...info, version: 'new' } },
      "info.version is no version as in '1.2.3'; '%VERSION%' stands for that of package.json",
    ],
    [
      'a range that is none',
      { dependencies: { grafanaDependency: 'newest' } },
      "dependencies.grafanaDependency is no range of versions as in '>=10.4.0'",
    ],
    ['two things', { name: '', metrics: 1 }, 'name is empty', 'metrics has to be boolean'],
  ] as const) {
    test(`${what}: says what to do`, async () => {
      assert.deepEqual(await problemsOf(JSON.stringify(pluginJson(keys))), expected);
    });
  }

  test('what is no JSON', async () => {
    const [problem = ''] = await problemsOf('{');
    assert.match(problem, /^is no JSON: /);
  });

  test('every key that Grafana has for plugins of others is taken', () => {
    const full = pluginJson({
      $schema: 'https://example.org/schema.json',
      backend: true,
      executable: 'gpx_weather',
      alerting: true,
      annotations: true,
      autoEnabled: false,
      buildMode: 'production',
      category: 'tsdb',
      dependencies: {
        grafanaDependency: '>=10.4.0 <13.0.0',
        grafanaVersion: '10.x.x',
        plugins: [{ id: 'acme-map-panel', type: 'panel', name: 'Map', version: '1.0.0' }],
        extensions: { exposedComponents: ['acme-app/part/v1'] },
      },
      enterpriseFeatures: { healthDiagnosticsErrors: true, another: 1 },
      extensions: { addedLinks: [{ targets: ['grafana/explore'], title: 'Open', description: 'it' }] },
      iam: { permissions: [{ action: 'datasources:read', scope: 'datasources:*' }] },
      includes: [
        { type: 'page', name: 'Start', path: '/a', role: 'Viewer', action: 'x:y', addToNav: true, icon: 'a' },
      ],
      info: {
        ...info,
        author: { name: 'A', email: 'a@example.org', url: 'https://example.org' },
        build: { time: 1, repo: 'r', branch: 'main', hash: 'h', number: 1, pr: 2 },
        description: 'Weather',
        links: [{ name: 'Home', url: 'https://example.org' }],
        screenshots: [{ name: 'One', path: 'img/one.png' }],
      },
      languages: ['en-US'],
      logs: true,
      metrics: true,
      multiValueFilterOperators: true,
      pascalName: 'Weather',
      preload: true,
      queryOptions: { maxDataPoints: true, minInterval: true, cacheTimeout: true },
      roles: [
        {
          role: { name: 'r', description: 'd', permissions: [{ action: 'a', scope: 's' }] },
          grants: ['Viewer'],
        },
      ],
      routes: [
        {
          path: 'api',
          method: 'GET',
          url: 'https://example.org',
          reqSignedIn: true,
          reqRole: 'Viewer',
          reqAction: 'a:b',
          headers: [{ name: 'X', content: 'y' }],
          body: {},
          tokenAuth: { url: 'u', scopes: ['s'], params: { grant_type: 'x' } },
          jwtTokenAuth: { url: 'u', scopes: ['s'], params: {} },
          urlParams: [{ name: 'n', content: 'c' }],
        },
      ],
      skipDataQuery: false,
      state: 'beta',
      streaming: true,
      tracing: true,
    });
    assert.deepEqual(PluginJson.parse(full), full);
  });

  suite('placeholders', () => {
    const placeholders = JSON.stringify(
      pluginJson({ info: { ...info, version: '%VERSION%', updated: '%TODAY%', description: '%PLUGIN_ID%' } }),
    );

    test('become the version of package.json, the day of the build and the id', async () => {
      const folder = await folders.make({
        'src/plugin.json': placeholders,
        'package.json': '{"version":"4.5.6"}',
        'README.md': '%PLUGIN_ID% %VERSION% of %TODAY%',
      });
      const { plugin, out } = await build(folder);
      assert.equal(plugin.info.version, '4.5.6');
      const written = JSON.parse(await readFile(join(out, 'plugin.json'), 'utf8'));
      const filled = { version: '4.5.6', updated: '2026-03-02', description: 'acme-weather-datasource' };
      assert.deepEqual(written, pluginJson({ info: { ...info, ...filled } }));
      const readme = await readFile(join(out, 'README.md'), 'utf8');
      assert.equal(readme, 'acme-weather-datasource 4.5.6 of 2026-03-02');
    });

    test('in the README are the version of plugin.json where that says it itself', async () => {
      const folder = await folders.make({
        'package.json': '{"version":"4.5.6"}',
        'README.md': '%PLUGIN_ID% %VERSION% of %TODAY%',
      });
      const { out } = await build(folder);
      const readme = await readFile(join(out, 'README.md'), 'utf8');
      assert.equal(readme, 'acme-weather-datasource 1.2.3 of 2026-03-02');
    });

    test('a version without a package.json to take it from', async () => {
      const [problem = ''] = await problemsOf(placeholders);
      assert.match(
        problem,
        /^%VERSION% stands for the version of package\.json, and no package\.json with one is/,
      );
    });
  });
});
