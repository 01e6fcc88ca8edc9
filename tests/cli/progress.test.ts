import assert from 'node:assert/strict';
import type { Activity } from '#src/local';
import { Progress, type Terminal } from '../../src/cli/progress.ts';

/** What was written, and for a terminal without the 100 ms that {@link Progress} waits between two drawings. */
function terminal(columns?: number): Terminal & { written: string[] } {
  const written: string[] = [];
  return {
    isTTY: columns !== undefined,
    ...(columns !== undefined && { columns }),
    write: (text) => written.push(text),
    written,
  };
}

const added = (unit: string): Activity => ({ kind: 'model-changed', change: 'unit-added', subject: unit });
const started = {
  kind: 'hook-started',
  unit: 'tempo/0',
  hook: 'install',
  action: false,
  attempt: 1,
} as const;
const ended = {
  ...started,
  kind: 'hook-ended',
  result: 'ok',
  exitCode: 0,
  durationMs: 5,
  toolCalls: { socket: 1, processes: 0 },
} as const;
const active = { kind: 'unit-status', unit: 'tempo/0', status: { status: 'active', message: '' } } as const;

suite('progress', () => {
  test('on a terminal says which phase of how many, how many units are active and busy, how many hooks, and what runs', () => {
    const out = terminal(100);
    const progress = new Progress(out, 'scale');
    progress.phase({ number: 2, of: 10, description: 'add-unit mimir 2' });
    const busy = { kind: 'busy', units: 2 } as const;
    for (const activity of [added('tempo/0'), added('loki/0'), busy, started, ended, active, started]) {
      progress.activity(activity);
    }
    progress.draw();
    progress.end();
    assert.match(
      out.written.at(-2) ?? '',
      /^\r[|/\\-] scale 2\/10 add-unit mimir 2 \| 1\/2 active, 2 busy \| 1 hooks, \d+\.\d s \| tempo\/0 install/,
    );
  });

  test('on a terminal never draws more than one line, whatever the names', () => {
    const out = terminal(40);
    const progress = new Progress(out, 'a-scenario-with-a-long-name-of-its-own');
    progress.phase({ number: 1, of: 1, description: `relate ${'x'.repeat(100)}` });
    progress.draw();
    progress.end();
    assert.equal(out.written[0]?.replace('\r', '').replace('\x1b[K', '').length, 39);
  });

  test('counts a unit that has gone no longer', () => {
    const out = terminal(80);
    const progress = new Progress(out, 'scale');
    progress.activity(added('tempo/0'));
    progress.activity(added('tempo/1'));
    progress.activity({ kind: 'model-changed', change: 'unit-removed', subject: 'tempo/1' });
    progress.draw();
    progress.end();
    assert.match(out.written[0] ?? '', /0\/1 active/);
  });

  test('elsewhere writes a line for each phase and nothing else', () => {
    const out = terminal();
    const progress = new Progress(out, 'scale');
    progress.phase({ number: 1, of: 2, description: 'deploy and relate' });
    progress.activity(started);
    progress.activity(ended);
    progress.phase({ number: 2, of: 2, description: 'remove-unit mimir/0' });
    progress.end();
    assert.deepEqual(out.written, ['scale 1/2: deploy and relate\n', 'scale 2/2: remove-unit mimir/0\n']);
  });

  const failures: [exitCode: number | null, result: 'failed' | 'terminated', how: string][] = [
    [3, 'failed', 'exit code 3'],
    [0, 'failed', 'what it asked for at its end was refused'],
    [null, 'failed', 'it could not be started'],
    [null, 'terminated', 'it was killed'],
  ];
  for (const [exitCode, result, how] of failures) {
    test(`tells of a hook that failed, with what it wrote: ${how}`, () => {
      const out = terminal();
      const progress = new Progress(out, 'scale');
      progress.activity(started);
      progress.activity({
        kind: 'log',
        unit: 'tempo/0',
        module: 'unit.tempo/0.install',
        level: 'WARNING',
        message: 'oh \x1b[2Jno',
      });
      progress.activity({ ...ended, exitCode, result });
      progress.end();
      // An escape sequence does not reach the terminal.
      assert.deepEqual(out.written, [`hook failed: install of tempo/0, ${how}\n`, '  oh  [2Jno\n']);
    });
  }
});
