import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exit, stdin } from 'node:process';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { createLogger } from '#lib/go-plugin';
import { memoryStore, openSqliteStore, serveTraceStorage } from '#lib/jaeger-storage';
import { PurgeableStore } from './purgeable-store.ts';

/**
 * The storage server that Jaeger's suites and Jaeger itself are pointed at. On standard output it says in one line of
 * JSON where it listens; `POST` to `purge` empties it, and with `?keep=archive` all but the archive. It ends when standard
 * input does.
 */

const Options = z.object({
  /** What keeps the spans; in a temporary folder, if in any. */
  engine: z.enum(['sqlite', 'memory']).default('sqlite'),
  /** Clients of storage_v1 write span by span. */
  'no-streaming': z.boolean().default(false),
  /** What storage_v1 calls the kind of operations that have none: what Jaeger expects depends on its version. */
  'kind-of-none': z.enum(['unspecified', '']).default('unspecified'),
});

const options = Options.parse(
  parseArgs({
    options: {
      engine: { type: 'string' },
      'no-streaming': { type: 'boolean' },
      'kind-of-none': { type: 'string' },
    },
  }).values,
);

const folder = await mkdtemp(join(tmpdir(), 'crosslink-jaeger-'));
const log = createLogger({ level: 'warn' });
const open = async () =>
  options.engine === 'memory'
    ? memoryStore()
    : openSqliteStore({ folder: await mkdtemp(join(folder, 'store-')) });
const [traces, archive] = await Promise.all([PurgeableStore.open(open), PurgeableStore.open(open)]);

const storage = await serveTraceStorage({
  ...{ traces, archive, log, addresses: ['127.0.0.1:0'], archiveAddresses: ['127.0.0.1:0'] },
  streaming: !options['no-streaming'],
  noKind: options['kind-of-none'],
});

const purger = createServer((request, response) => {
  const purged = request.url?.endsWith('?keep=archive') ? [traces] : [traces, archive];
  Promise.all(purged.map((store) => store.purge())).then(
    () => response.end(),
    (error) => response.writeHead(500).end(String(error)),
  );
});
purger.listen(0, '127.0.0.1', () => {
  const { port } = purger.address() as AddressInfo;
  const [address] = storage.addresses;
  const [archiveAddress] = storage.archiveAddresses;
  console.log(JSON.stringify({ address, archiveAddress, purge: `http://127.0.0.1:${port}/purge` }));
});

stdin.resume().once('end', async () => {
  purger.close().closeAllConnections();
  await storage.stop({ graceMs: 200 });
  await Promise.all([traces.close(), archive.close()]);
  await rm(folder, { recursive: true });
  exit();
});
