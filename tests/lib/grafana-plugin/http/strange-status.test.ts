import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createFetch } from '../../../../lib/grafana-plugin/http/create-fetch.ts';

suite('a server that answers what HTTP does not have', () => {
  for (const status of [600, 999]) {
    test(`as the status ${status} is to blame for it`, async () => {
      const server = createServer((socket) =>
        socket.on('error', () => {}).end(`HTTP/1.1 ${status} No\r\ncontent-length: 2\r\n\r\nok`),
      );
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      const fetch = createFetch({ env: {} });
      try {
        await assert.rejects(fetch(`http://127.0.0.1:${port}/x?token=hunter2`), {
          name: 'DatasourceError',
          source: 'downstream',
          status: 502,
          message: `GET http://127.0.0.1:${port}/x: it answered with the status ${status}, which HTTP does not have`,
        });
      } finally {
        await fetch.close();
        server.close();
      }
    });
  }
});
