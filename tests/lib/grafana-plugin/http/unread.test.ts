import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { createFetch } from '../../../../lib/grafana-plugin/http/create-fetch.ts';
import { inScope } from '../../../../lib/grafana-plugin/scope.ts';
import { eventually } from '../../go-plugin/helpers.ts';
import { call, scope } from '../tracing/calls.ts';
import { serve } from './loopback.ts';

suite('an answer that nobody reads', () => {
  test('leaves nothing on the signal of its call, which may be a stream of days', async () => {
    // More than is taken without a reader.
    const server = await serve((_request, response) => response.end(Buffer.alloc(1 << 20)));
    const fetch = createFetch({ env: {}, timeoutMs: 1_000 });
    try {
      const { signal } = new AbortController();
      const asking = inScope(scope({ call: call({}, { signal }) }), () => fetch(server.url));
      assert.equal((await asking).status, 200);
      await eventually('no listener on the signal', () => getEventListeners(signal, 'abort').length === 0);
    } finally {
      server.close();
      await fetch.close();
    }
  });
});
