import type { Plugin } from 'esbuild';

/** What node-fetch uses for some requests only, and by default import. TLS and all of crypto come with the first. */
const onDemand = ['node:https', 'node:zlib'];

/**
 * Makes npm packages load Node's own modules as CommonJS does. `import` reads everything that a module exports, to be
 * able to hand it on, and so loads what stands behind getters: `node:http` has a whole WebSocket client there, and
 * `node:util` worker threads. It takes 14 ms to load node-fetch like this, and 43 ms and 10 MB more otherwise.
 */
export const leanBuiltins: Plugin = {
  name: 'lean-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, importer, kind }) => {
      if (kind !== 'import-statement' || !importer.includes('/node_modules/')) return undefined;
      const isOnDemand = onDemand.includes(path) && importer.includes('/node_modules/node-fetch/');
      return { path, namespace: isOnDemand ? 'on-demand' : 'builtin', sideEffects: false };
    });
    onLoad({ filter: /^/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = ${loading(path)};`,
    }));
    onLoad({ filter: /^/, namespace: 'on-demand' }, ({ path }) => ({
      contents: `export default new Proxy({}, { get: (_, name) => ${loading(path)}[name] });`,
    }));
  },
};

function loading(path: string): string {
  return `process.getBuiltinModule(${JSON.stringify(path)})`;
}
