import { createFetch } from '../../../../lib/grafana-plugin/http/create-fetch.ts';
import type { FetchOptions, PluginFetch } from '../../../../lib/grafana-plugin/http/options.ts';
import { type Loopback, serve } from './loopback.ts';

/** Servers and clients of a suite's tests, closed after each. */
export function fetching() {
  const open: (() => unknown)[] = [];
  teardown(async () => {
    for (const close of open.splice(0).toReversed()) await close();
  });
  return {
    open,
    start: async (...args: Parameters<typeof serve>): Promise<Loopback> => {
      const loopback = await serve(...args);
      open.push(() => loopback.close());
      return loopback;
    },
    client: (options: FetchOptions = {}): PluginFetch => {
      const fetch = createFetch({ env: {}, ...options });
      open.push(() => fetch.close());
      return fetch;
    },
  };
}
