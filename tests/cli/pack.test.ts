import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '#src/local';
import { suiteFolder } from '../src/pack/folder.ts';
import { crosslink } from './command.ts';

suite('crosslink pack and up --charm, asked for what can not be', () => {
  const folder = suiteFolder();

  for (const [what, args, message] of [
    [
      'another architecture',
      ['pack', '--arch', 'riscv64'],
      /--arch takes amd64, arm64 or all, not 'riscv64'/,
    ],
    [
      'an unknown option',
      ['pack', '--fast'],
      /Unknown option '--fast'; crosslink help pack shows the options/,
    ],
    [
      'an argument',
      ['pack', 'amd64'],
      /crosslink pack takes no 'amd64'; crosslink help pack shows the options/,
    ],
    [
      'a charm that is not there',
      ['up', '--charm', 'none.charm'],
      /none\.charm can't be read; .*crosslink pack/,
    ],
    [
      'a charm that is none',
      ['up', '--charm', join(projectFolder, 'LICENSE')],
      /is no charm that can be used/,
    ],
  ] as const) {
    test(what, async () => {
      const { code, stderr } = await crosslink(...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
    });
  }

  test('an output folder that is a file', async () => {
    const file = join(folder(), 'file');
    await writeFile(file, '');
    const { code, stderr } = await crosslink('pack', '--output', file);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /the charm can't be written: .*--output/);
  });

  test('its help says what it does', async () => {
    for (const args of [
      ['help', 'pack'],
      ['pack', '--help'],
    ]) {
      const { code, stdout } = await crosslink(...args);
      assert.equal(code, 0);
      assert.match(stdout, /^Usage: crosslink pack /);
      for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
    }
  });
});
