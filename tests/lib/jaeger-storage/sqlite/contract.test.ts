import { openSqliteStore } from '../../../../lib/jaeger-storage/sqlite/open-store.ts';
import type { SqliteStore } from '../../../../lib/jaeger-storage/sqlite/sqlite-store.ts';
import { traceStoreContract } from '../contract/trace-store-contract.ts';
import { temporaryFolders } from './temporary-folder.ts';

const folders = temporaryFolders();
/** Its threads do for all of these stores: to start them takes longer than most cases. */
let host: Promise<SqliteStore> | undefined;

async function open(segmentSpans?: number): Promise<SqliteStore> {
  host ??= openSqliteStore({ folder: await folders.make() });
  return openSqliteStore({ folder: await folders.make(), sharedWith: await host, tuning: { segmentSpans } });
}

suiteTeardown(async () => {
  await (await host)?.close();
  await folders.removeAll();
});

traceStoreContract('sqlite', () => open());
traceStoreContract('sqlite, with segments of a few spans', () => open(3));
