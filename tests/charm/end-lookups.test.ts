import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runModule } from '../src/tracing/child.ts';

suite('charm: lookups of names that are left behind', () => {
  for (const exitCode of [0, 1]) {
    test(`don't keep a hook that has ended with ${exitCode}`, async function () {
      this.timeout(20_000);
      const folder = await mkdtemp(join(tmpdir(), 'crosslink-lookup-'));
      try {
        // Given a lookup that never ends: its only thread waits for somebody to write into a FIFO
        const fifo = join(folder, 'fifo');
        await promisify(execFile)('mkfifo', ['--', fifo]);
        const { code, stdout, stderr } = await runModule(
          `import { lookup } from 'node:dns';
           import { open } from 'node:fs';
           import { endLookups } from 'ROOT/charm/end-lookups.ts';
           open(${JSON.stringify(fifo)}, 'r', () => {});
           lookup('grafana.invalid', () => console.log('found'));
           await new Promise((resolve) => setTimeout(resolve, 50));
           console.log('done');
           process.exitCode = ${exitCode};
           endLookups();`,
          { UV_THREADPOOL_SIZE: '1' },
        );
        // Then the process is gone all the same, with its exit code, and nothing that it said is lost
        assert.deepEqual([code, stdout, stderr], [exitCode, 'done\n', '']);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }

  test('that are none let a process end by itself, when all that it has to do is done', async () => {
    const { code, stdout } = await runModule(
      `import { endLookups } from 'ROOT/charm/end-lookups.ts';
       setTimeout(() => console.log('later'), 10);
       endLookups();`,
    );
    assert.deepEqual([code, stdout], [0, 'later\n']);
  });
});
