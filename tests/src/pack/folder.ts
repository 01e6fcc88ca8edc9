import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the tests of a suite, with everything in it gone after them. Call it inside of a suite. */
export function suiteFolder(): () => string {
  let folder = '';
  suiteSetup(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crosslink-pack-test-'));
  });
  suiteTeardown(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}
