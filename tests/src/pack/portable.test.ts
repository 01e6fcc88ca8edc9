import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ElfImage } from '#lib/elf';
import { projectFolder } from '#src/local';
import { assertPortable } from '../../../src/pack/portable.ts';
import { smallElf } from './elf-builder.ts';

suite('a Node for the charm', () => {
  test('may need what every Ubuntu has, and the one function of our libatomic', () => {
    const needed = ['libatomic.so.1', 'libstdc++.so.6', 'libpthread.so.0', 'ld-linux-x86-64.so.2'];
    const names = ['__atomic_compare_exchange', 'GLIBC_2.28', 'GLIBC_2.4', 'GLIBCXX_3.4.21', 'LIBATOMIC_1.0'];
    assertPortable(smallElf({ needed, names }), 'amd64');
  });

  for (const [what, elf, message] of [
    ['is for another machine', { machine: 62 }, /it is for machine 62, not 183/],
    ['needs another library', { machine: 183, needed: ['libssl.so.3'] }, /needs the library libssl\.so\.3/],
    [
      'needs more of libatomic',
      { machine: 183, names: ['__atomic_load'] },
      /needs __atomic_load of libatomic/,
    ],
    [
      'needs a newer C library',
      { machine: 183, names: ['GLIBC_2.36'] },
      /GLIBC_2\.36; Ubuntu 22\.04 has 2\.35/,
    ],
    ['needs a newer C++ library', { machine: 183, names: ['GLIBCXX_3.4.32'] }, /Ubuntu 22\.04 has 3\.4\.30/],
  ] as const) {
    test(`is refused when it ${what}`, () => {
      assert.throws(() => assertPortable(smallElf(elf), 'arm64'), message);
    });
  }

  for (const [architecture, machine] of [
    ['amd64', 62],
    ['arm64', 183],
  ] as const) {
    test(`the libatomic for ${architecture} has that function, and needs nothing itself`, async () => {
      const file = join(projectFolder, `src/pack/libatomic/libatomic-${architecture}.so`);
      const elf = new ElfImage(await readFile(file));
      assert.equal(elf.machine, machine);
      assert.deepEqual(elf.needed, []);
      const names = elf.linkNames.filter((name) => name !== '');
      assert.deepEqual(names.toSorted(), ['LIBATOMIC_1.0', '__atomic_compare_exchange', 'libatomic.so.1']);
    });
  }
});
