import assert from 'node:assert/strict';
import { ElfImage } from '#lib/elf';
import { strip } from '../../../src/pack/strip.ts';
import { smallElf } from './elf-builder.ts';

suite('strip', () => {
  test('keeps all that is loaded, to the byte, and nothing behind it', () => {
    const executable = smallElf({ debug: 'a lot of debug information' });
    const stripped = strip(executable);
    assert.equal(stripped.length, new ElfImage(executable).loadedEnd);
    assert.ok(!stripped.includes('debug information'));
    assert.deepEqual(stripped.subarray(64), executable.subarray(64, stripped.length));
  });

  test('leaves no table of sections, which would describe what is gone', () => {
    const stripped = strip(smallElf());
    assert.equal(stripped.readBigUInt64LE(40), 0n);
    assert.equal(stripped.readUInt16LE(60), 0);
    assert.deepEqual(new ElfImage(stripped).needed, ['libc.so.6']);
  });

  test('finds nothing more to take the second time', () => {
    const stripped = strip(smallElf());
    assert.deepEqual(strip(stripped), stripped);
  });

  test('refuses a file whose segments end behind its end', () => {
    const executable = smallElf();
    assert.throws(() => strip(executable.subarray(0, 200)), /cannot be stripped/);
  });

  for (const [what, bytes] of [
    ['nothing', Buffer.alloc(0)],
    ['a script', Buffer.from(`#!/bin/sh\n${' '.repeat(100)}`)],
    ['a 32-bit executable', Buffer.concat([Buffer.from('\x7fELF\x01\x01', 'latin1'), Buffer.alloc(100)])],
  ] as const) {
    test(`refuses ${what}`, () => assert.throws(() => strip(bytes), /no 64-bit little-endian ELF/));
  }
});
