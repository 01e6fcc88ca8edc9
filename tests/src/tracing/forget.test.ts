import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forgetTraces } from '#src/tracing';
import { traceBuffer } from '../../../src/tracing/buffer.ts';

suite('tracing: forgetTraces', () => {
  let base: string;
  setup(async () => {
    base = await mkdtemp(join(tmpdir(), 'crosslink-forget-'));
  });
  teardown(() => rm(base, { recursive: true, force: true }));

  test('removes all that waits, and what a killed hook left', async () => {
    const folder = join(base, 'traces');
    const buffer = traceBuffer({ folder, limitBytes: 100, limitCount: 9, now: Date.now });
    for (const body of ['a', 'b']) buffer.add(Buffer.from(body));
    await writeFile(join(folder, '000000000000001-aaaaaaaa.otlp.new'), 'half');
    forgetTraces(folder);
    assert.deepEqual(await readdir(base), []);
  });

  test('is content where nothing waits', () => {
    forgetTraces(join(base, 'traces'));
  });

  test('never fails, and follows no link', async () => {
    await mkdir(join(base, 'others'));
    await writeFile(join(base, 'others', 'notes.txt'), 'mine');
    await symlink(join(base, 'others'), join(base, 'traces'));
    forgetTraces(join(base, 'traces'));
    assert.deepEqual(await readdir(join(base, 'others')), ['notes.txt']);
    // A path that can't be: what is to be forgotten is not there.
    forgetTraces(join(base, 'others', 'notes.txt', 'traces'));
  });
});
