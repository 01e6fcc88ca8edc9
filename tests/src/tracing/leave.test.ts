import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runModule } from './child.ts';

suite('tracing: leave', () => {
  for (const exitCode of [0, 1, 7]) {
    test(`ends with ${exitCode} while a thread is held up for ever`, async function () {
      this.timeout(20_000);
      const folder = await mkdtemp(join(tmpdir(), 'crosslink-leave-'));
      try {
        // Given a thread that waits for somebody to write into a FIFO, as one waits for a name server
        const fifo = join(folder, 'fifo');
        await promisify(execFile)('mkfifo', ['--', fifo]);
        // When the process leaves, where process.exit would wait for the thread
        const { code, stdout, stderr } = await runModule(
          `import { open } from 'node:fs/promises';
           import { leave } from 'ROOT/src/tracing/leave.ts';
           void open(${JSON.stringify(fifo)}, 'r');
           await new Promise((resolve) => setTimeout(resolve, 50));
           console.log('done');
           leave(${exitCode});`,
        );
        // Then it is gone, with its exit code, and nothing that it said is lost
        assert.deepEqual([code, stdout, stderr], [exitCode, 'done\n', '']);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
});
