import type { Metafile, Plugin } from 'esbuild';
import { PluginBuildError } from './errors.ts';
import { common, runEsbuild } from './esbuild.ts';

export interface FrontendBundle {
  /** `module.js` and its source map. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly metafile: Metafile;
}

/**
 * What Grafana has already and hands to plugins: it has to be the same instance, or is big.
 * @see grafana/grafana: public/app/features/plugins/loader/sharedDependencies.ts
 */
const provided = new Set([
  '@emotion/css',
  '@emotion/react',
  '@grafana/data',
  '@grafana/data/unstable',
  '@grafana/runtime',
  '@grafana/runtime/unstable',
  '@grafana/slate-react',
  '@grafana/ui',
  '@grafana/ui/unstable',
  '@kusto/monaco-kusto',
  'd3',
  'emotion',
  'i18next',
  'jquery',
  'lodash',
  'moment',
  'prismjs',
  'react',
  'react-dom',
  'react-inlinesvg',
  'react-redux',
  'react-router',
  'react-router-dom',
  'redux',
  'rxjs',
  'rxjs/operators',
  'slate',
  'slate-plain-serializer',
  'slate-react',
]);

/**
 * Makes a plugin's frontend and all that it imports, other than what Grafana provides, into one AMD module.
 *
 * JSX becomes calls of `React.createElement`, with React imported by itself: `react/jsx-runtime` is not among what
 * Grafana provides.
 * @param root - the plugin's folder, which paths in the source map begin from
 * @param entry - absolute path of module.ts or module.tsx
 * @throws {PluginBuildError} it does not compile, or something that it imports is not there
 */
export async function bundleFrontend(root: string, entry: string, minify: boolean): Promise<FrontendBundle> {
  const { outputFiles, metafile } = await runEsbuild({
    ...common,
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: 'module.js',
    // AMD is written around it.
    format: 'cjs',
    platform: 'browser',
    target: 'es2022',
    // Settings of whatever project the plugin lies in would change what is built.
    tsconfigRaw: { compilerOptions: { jsx: 'react' } },
    inject: [reactModule],
    plugins: [grafanaProvides],
    loader: {
      '.svg': 'dataurl',
      '.png': 'dataurl',
      '.jpg': 'dataurl',
      '.gif': 'dataurl',
      '.webp': 'dataurl',
    },
    define: { 'process.env.NODE_ENV': '"production"' },
    minify,
    sourcemap: 'external',
    sourcesContent: true,
  });
  const text = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  if (text('.css') !== '') {
    throw new PluginBuildError('the frontend imports CSS, which Grafana does not load; use @emotion/css');
  }
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const external = [...new Set(imports.filter((one) => one.external).map(({ path }) => path))].toSorted();
  const files = new Map([
    ['module.js', Buffer.from(amdModule(external, text('.js')))],
    // One line more at the beginning.
    ['module.js.map', Buffer.from(text('.js.map').replace('"mappings": "', '"mappings": ";'))],
  ]);
  return { files, metafile };
}

const reactModule = 'crosslink:react';

const grafanaProvides: Plugin = {
  name: 'grafana-provides',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^crosslink:react$/ }, ({ path }) => ({
      path,
      namespace: 'crosslink',
      sideEffects: false,
    }));
    onLoad({ filter: /^/, namespace: 'crosslink' }, () => ({
      contents: `import * as React from 'react'; export { React };`,
    }));
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      provided.has(path) ? { path, external: true } : undefined,
    );
    // grafana/app/... is how plugins of old name parts of Grafana itself.
    onResolve({ filter: /^grafana\// }, ({ path }) => ({
      path: path.slice('grafana/'.length),
      external: true,
    }));
  },
};

/** Grafana's loader hands over what is asked for, in this order; the code asks as CommonJS does. */
function amdModule(external: readonly string[], code: string): string {
  const names = JSON.stringify(external);
  return (
    `define(${names}, function () { var given = arguments, module = { exports: {} }, exports = module.exports, ` +
    `require = function (name) { return given[${names}.indexOf(name)]; };\n` +
    `${code}\nreturn module.exports;\n});\n//# sourceMappingURL=module.js.map\n`
  );
}
