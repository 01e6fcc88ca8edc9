import assert from 'node:assert/strict';
import fc from 'fast-check';
import { dt, ElfImage, symbolSize, writeSegments } from '#lib/elf';
import { embedLibatomic, needsLibatomic } from '../../../../lib/grafana-plugin/build/without-libatomic.ts';

const base = 0x400000;
const wanted = '__atomic_compare_exchange';

/** An executable that needs these libraries, each in one version, in this order, and takes these functions from them. */
function executable(libraries: readonly string[], functions: readonly string[]): ElfImage {
  const strings = Buffer.from(['', ...libraries, ...functions, ''].join('\0'), 'latin1');
  const index = (name: string) => strings.indexOf(`\0${name}\0`) + 1;
  const symbols = Buffer.alloc(symbolSize * (functions.length + 1));
  for (const [i, name] of functions.entries()) {
    symbols.writeUInt32LE(index(name), (i + 1) * symbolSize);
    symbols.writeUInt8(0x12, (i + 1) * symbolSize + 4); // a function, global and undefined
  }
  const versions = Buffer.alloc(2 * (functions.length + 1), 1);
  const needs = Buffer.alloc(32 * libraries.length);
  for (const [i, name] of libraries.entries()) {
    needs.writeUInt16LE(1, i * 32);
    needs.writeUInt16LE(1, i * 32 + 2);
    needs.writeUInt32LE(index(name), i * 32 + 4);
    needs.writeUInt32LE(16, i * 32 + 8);
    needs.writeUInt32LE(i === libraries.length - 1 ? 0 : 32, i * 32 + 12);
  }
  const at = (...before: Buffer[]) => 64 + 2 * 56 + before.reduce((sum, { length }) => sum + length, 0);
  const entries: [bigint, number][] = [
    ...libraries.map((name): [bigint, number] => [dt.needed, index(name)]),
    [dt.symtab, base + at()],
    [dt.strtab, base + at(symbols)],
    [dt.versym, base + at(symbols, strings)],
    [dt.verneed, base + at(symbols, strings, versions)],
    [dt.verneednum, libraries.length],
  ];
  const dynamic = Buffer.alloc(16 * (entries.length + 1));
  for (const [i, [tag, value]] of entries.entries()) {
    dynamic.writeBigUInt64LE(tag, i * 16);
    dynamic.writeBigUInt64LE(BigInt(value), i * 16 + 8);
  }
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(2, 56);
  const dynamicAt = at(symbols, strings, versions, needs);
  const segment = (type: number, offset: number, size: number) => {
    return { type, flags: 6, offset, address: base + offset, fileSize: size, memorySize: size, align: 8 };
  };
  const table = writeSegments([
    segment(1, 0, dynamicAt + dynamic.length),
    segment(2, dynamicAt, dynamic.length),
  ]);
  return new ElfImage(Buffer.concat([header, table, symbols, strings, versions, needs, dynamic]));
}

/** As the loader walks them. */
function versionNeeds(image: ElfImage): string[] {
  const names: string[] = [];
  let at = image.offsetOf(image.dynamicValue(dt.verneed));
  const count = image.dynamicValue(dt.verneednum);
  for (let i = 0; i < count; i += 1) {
    names.push(image.string(image.bytes.readUInt32LE(at + 4)));
    const next = image.bytes.readUInt32LE(at + 12);
    assert.equal(next === 0, i === count - 1, 'the chain is as long as its count says');
    at += next;
  }
  return names;
}

suite('an executable without libatomic', () => {
  const others = ['libc.so.6', 'libm.so.6', 'libstdc++.so.6', 'libdl.so.2'];
  const anyLibraries = fc
    .tuple(fc.subarray(others, { minLength: 1 }), fc.nat(others.length))
    .map(([some, at]) => some.toSpliced(Math.min(at, some.length), 0, 'libatomic.so.1'));
  const anyFunctions = fc.shuffledSubarray(['_Zfoo', wanted, '__atomic_compare', 'malloc'], { minLength: 1 });

  test('needs all other libraries and versions as before, wherever it stood among them', () => {
    fc.assert(
      fc.property(anyLibraries, anyFunctions, (libraries, some) => {
        const functions = some.includes(wanted) ? some : [...some, wanted];
        const image = executable(libraries, functions);
        assert.ok(needsLibatomic(image));
        const before = functions.map((name) => image.symbol(name));
        const untouched = Buffer.from(image.bytes);
        embedLibatomic(image, 0x123450);
        const left = libraries.filter((name) => name !== 'libatomic.so.1');
        assert.deepEqual(image.needed, left);
        assert.deepEqual(versionNeeds(image), left);
        assert.ok(!needsLibatomic(image));
        for (const [i, name] of functions.entries()) {
          const at = before[i] ?? 0;
          assert.equal(image.symbol(name), at);
          if (name === wanted) {
            assert.equal(image.bytes.readBigUInt64LE(at + 8), 0x123450n);
            assert.notEqual(image.bytes.readUInt16LE(at + 6), 0, 'it is defined');
            assert.equal(image.bytes.readUInt8(at + 5), 2, 'it is hidden');
          } else {
            assert.ok(image.bytes.subarray(at, at + 24).equals(untouched.subarray(at, at + 24)), name);
          }
        }
      }),
    );
  });

  test('that takes another function from it as well can not be made', () => {
    const image = executable(['libatomic.so.1', 'libc.so.6'], ['malloc']);
    assert.throws(() => embedLibatomic(image, 0), /it has no symbol __atomic_compare_exchange/);
  });
});
