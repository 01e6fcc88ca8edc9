import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import * as react from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { loadAmd } from './amd.ts';
import { build, pluginFolders } from './plugin-folder.ts';

async function moduleJs(folder: string): Promise<string> {
  const { out } = await build(folder);
  return readFile(join(out, 'module.js'), 'utf8');
}

suite('the frontend', () => {
  const folders = pluginFolders();

  test('is an AMD module that asks Grafana for what it provides, and brings the rest', async () => {
    const code = await moduleJs(
      await folders.make({
        'src/module.ts': `
          import { DataSourcePlugin } from '@grafana/data';
          import { of } from 'rxjs';
          import { map } from 'rxjs/operators';
          import { own } from './own.ts';
          export const plugin = new DataSourcePlugin(own, of, map);`,
        'src/own.ts': `export const own = 'own';`,
      }),
    );
    class DataSourcePlugin {
      readonly given: unknown[];
      constructor(...given: unknown[]) {
        this.given = given;
      }
    }
    const { names, exports } = loadAmd(code, {
      '@grafana/data': { DataSourcePlugin },
      rxjs: { of: 'of' },
      'rxjs/operators': { map: 'map' },
    });
    assert.deepEqual(names, ['@grafana/data', 'rxjs', 'rxjs/operators']);
    assert.ok(exports.plugin instanceof DataSourcePlugin);
    assert.deepEqual([...exports.plugin.given], ['own', 'of', 'map']);
  });

  test('renders JSX with the React that Grafana provides, imported or not', async () => {
    const code = await moduleJs(
      await folders.make({
        'src/module.ts': undefined,
        'src/module.tsx': `
          import React, { useState } from 'react';
          import { Other } from './other.tsx';
          export const Editor = () => { const [x] = useState('text'); return <><label title="a">{x}</label><Other/></>; };
          export const same = React.createElement;`,
        'src/other.tsx': `export const Other = () => <i>{[1, 2].map((n) => <b key={n}>{n}</b>)}</i>;`,
      }),
    );
    const { names, exports } = loadAmd(code, { react });
    assert.deepEqual(names, ['react']);
    assert.equal(exports.same, react.createElement);
    const editor = exports.Editor as react.FunctionComponent;
    const html = renderToStaticMarkup(react.createElement(editor));
    assert.equal(html, '<label title="a">text</label><i><b>1</b><b>2</b></i>');
  });

  test('a default import is what Grafana hands over, where that is the library itself', async () => {
    const code = await moduleJs(
      await folders.make({
        'src/module.ts': `import _ from 'lodash'; export const plugin = _.map([1], String);`,
      }),
    );
    const map = (list: number[], by: (n: number) => string) => list.map(by);
    const { exports } = loadAmd(code, { lodash: { map } });
    assert.deepEqual([...(exports.plugin as string[])], ['1']);
  });

  test('one that needs nothing asks for nothing, React included', async () => {
    const code = await moduleJs(await folders.make({ 'src/module.ts': 'export const plugin = 42;' }));
    const { names, exports } = loadAmd(code, {});
    assert.deepEqual(names, []);
    assert.equal(exports.plugin, 42);
  });

  test('what it imports when it needs it is in the same file', async () => {
    const code = await moduleJs(
      await folders.make({
        'src/module.ts': `export const plugin = async () => (await import('./late.ts')).late;`,
        'src/late.ts': `export const late = 'late';`,
      }),
    );
    const { exports } = loadAmd(code, {});
    assert.equal(await (exports.plugin as () => Promise<string>)(), 'late');
  });

  test('an error leads to the line of the source', async () => {
    const folder = await folders.make({
      'src/module.ts': `// one\n// two\nexport const plugin = () => { throw new Error('here'); };`,
    });
    const code = await moduleJs(folder);
    const line = code.split('\n').findIndex((text) => text.includes('"here"')) + 1;
    const column = (code.split('\n')[line - 1] ?? '').indexOf('throw') + 1;
    const map = new SourceMap(JSON.parse(await readFile(join(folder, 'dist/module.js.map'), 'utf8')));
    const origin = map.findOrigin(line, column);
    assert.ok('fileName' in origin, JSON.stringify(origin));
    assert.deepEqual([origin.fileName, origin.lineNumber], ['src/module.ts', 3]);
    assert.match(code, /\/\/# sourceMappingURL=module\.js\.map\n$/);
  });
});
