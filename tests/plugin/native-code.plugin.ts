import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ownTarget } from '#lib/grafana-plugin/build';
import { nativeCode } from '../../lib/grafana-plugin/build/native-code.ts';
import { suiteFolder } from '../src/pack/folder.ts';

/**
 * Calls the code as Node does: puts it into memory, exchanges objects of each size that are as expected and that are
 * not, and last one that does not lie where it should, after which nothing may follow.
 */
const caller = `
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
typedef bool (*exchange)(size_t, void *, void *, const void *, int, int);
int main(int count, char **arguments) {
  if (count != 2) return 2;
  void *code = mmap(0, 65536, PROT_READ | PROT_EXEC, MAP_PRIVATE, open(arguments[1], O_RDONLY), 0);
  if (code == MAP_FAILED) return 3;
  setvbuf(stdout, 0, _IONBF, 0);
  for (size_t size = 1; size <= 8; size *= 2) {
    _Alignas(16) unsigned char object[16], expected[16], desired[16], before[16];
    memset(object, 0xa1, 16); memset(expected, 0xa1, 16); memset(desired, 0xb2, 16);
    bool done = ((exchange)code)(size, object, expected, desired, 5, 5);
    printf("%zu %d %d %d\\n", size, done, memcmp(object, desired, size) == 0, object[size] == 0xa1);
    memset(expected, 0xc3, 16); memcpy(before, object, 16); memset(desired, 0xd4, 16);
    done = ((exchange)code)(size, object, expected, desired, 5, 5);
    printf("%zu %d %d %d %d\\n", size, done, memcmp(object, before, 16) == 0, memcmp(expected, object, size) == 0, expected[size] == 0xc3);
  }
  uint64_t pair[2] = {0};
  ((exchange)code)(8, (char *)pair + 1, pair, pair, 5, 5);
  printf("went on\\n");
}
`;

suite('the code that stands for libatomic', () => {
  const folder = suiteFolder();

  test('exchanges what is as expected, tells what is not, and refuses what it can not do', async function () {
    const target = ownTarget() ?? 'linux_amd64';
    const [source, program, code] = ['caller.c', 'caller', 'code'].map((name) => join(folder(), name)) as [
      string,
      string,
      string,
    ];
    await writeFile(source, caller);
    await writeFile(code, nativeCode.compareExchange[target]);
    try {
      await promisify(execFile)('cc', ['-std=gnu11', '-o', program, source]);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      console.log('skipped: needs a C compiler, cc');
      this.skip();
    }
    const ended: unknown = await promisify(execFile)(program, [code]).catch((error: unknown) => error);
    assert.ok(ended instanceof Error && 'stdout' in ended && 'signal' in ended, String(ended));
    const sizes = [1, 2, 4, 8];
    assert.equal(ended.stdout, sizes.map((size) => `${size} 1 1 1\n${size} 0 1 1 1\n`).join(''));
    assert.match(String(ended.signal), /SIGILL|SIGTRAP/);
  });
});
