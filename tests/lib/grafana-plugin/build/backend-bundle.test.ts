import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleBackend } from '../../../../lib/grafana-plugin/build/backend-bundle.ts';
import { pluginFolders } from './plugin-folder.ts';

const built = { id: 'acme-weather-datasource', version: '1.2.3', time: '2026-03-02T04:05:06.789Z' };

suite('the backend', () => {
  const folders = pluginFolders();

  async function run(files: Readonly<Record<string, string>>, minify = true): Promise<string> {
    const folder = await folders.make(files);
    const { code } = await bundleBackend(folder, join(folder, 'src/backend.ts'), built, minify);
    await writeFile(join(folder, 'backend.mjs'), code);
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'backend.mjs')], {
      cwd: '/',
      env: {},
    });
    return stdout;
  }

  test('knows who it is before its first line', async () => {
    const printed = await run({
      'src/backend.ts': `import './first.ts';`,
      'src/first.ts': `console.log(JSON.stringify((globalThis as any).__CROSSLINK_PLUGIN_BUILD__));`,
    });
    assert.deepEqual(JSON.parse(printed), built);
  });

  test('may await at its top level, and import later', async () => {
    const printed = await run({
      'src/backend.ts': `const { late } = await import('./late.ts'); console.log('then', late);`,
      'src/late.ts': `console.log('late'); export const late: number = 1;`,
    });
    assert.equal(printed, 'late\nthen 1\n');
  });

  test('packages in CommonJS find require and the names of their file', async () => {
    const printed = await run({
      'src/backend.ts': `import cjs from './cjs.cjs'; console.log(JSON.stringify(cjs));`,
      'src/cjs.cjs': `module.exports = { sep: require('node:path').sep, file: __filename, folder: __dirname };`,
    });
    const folder = process.execPath.replace(/\/[^/]+$/, '');
    assert.deepEqual(JSON.parse(printed), { sep: '/', file: process.execPath, folder });
  });

  test('minified or not, a stack names the functions', async () => {
    const files = {
      'src/backend.ts': `function readTheWeather() { console.log(new Error('x').stack); }\nreadTheWeather();`,
    };
    assert.match(await run(files), /at readTheWeather/);
    assert.match(await run(files, false), /at readTheWeather/);
  });
});
