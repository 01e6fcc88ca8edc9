import assert from 'node:assert/strict';
import { PrintedOutput } from '../../../lib/go-plugin/stdio.ts';

suite('printed output', () => {
  test('each of two hosts that read it may leave', async () => {
    const output = new PrintedOutput();
    const hosts = [new AbortController(), new AbortController()] as const;
    const ended = hosts.map(({ signal }) => output.read(signal).next());
    for (const host of hosts) {
      host.abort();
      assert.deepEqual(await ended[hosts.indexOf(host)], { done: true, value: undefined });
    }
  });
});
