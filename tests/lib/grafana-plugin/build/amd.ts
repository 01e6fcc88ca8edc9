import { runInNewContext } from 'node:vm';

/**
 * Loads module.js as Grafana's loader does.
 * @param provided - what Grafana would have for a plugin, by the name that is imported
 * @returns what it asked for, and what it exports: `plugin`
 */
export function loadAmd(code: string, provided: Readonly<Record<string, unknown>>) {
  let names: string[] = [];
  let exports: unknown;
  const define = (wanted: string[], factory: (...given: unknown[]) => unknown) => {
    names = [...wanted]; // of this realm
    exports = factory(...wanted.map((name) => provided[name]));
  };
  runInNewContext(code, { define });
  return { names, exports: exports as Record<string, unknown> };
}
