import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { zipSync } from 'fflate';
import { UsageError } from '#src/local';
import { unpackCharm } from '#src/pack';
import { writeZip, type ZipEntry } from '../../../src/pack/zip.ts';
import { suiteFolder } from './folder.ts';

const entries: readonly ZipEntry[] = [
  { name: 'metadata.yaml', content: Buffer.from('name: x\n'), executable: false },
  { name: 'node/node', content: Buffer.from('not really'.repeat(1000)), executable: true },
  { name: 'dispatch', content: Buffer.from('#!/bin/sh\n'), executable: true },
];

suite('a zip', () => {
  test('has the same bytes whatever the order of its entries', async () => {
    assert.deepEqual(await writeZip(entries.toReversed()), await writeZip(entries));
  });

  test('has the same bytes in every time zone', async () => {
    const module = JSON.stringify(new URL('../../../src/pack/zip.ts', import.meta.url).href);
    const script = `
      const { writeZip } = await import(${module});
      const { createHash } = await import('node:crypto');
      const archive = await writeZip([{ name: 'a', content: new Uint8Array(9), executable: false }]);
      console.log(createHash('sha256').update(archive).digest('hex'));`;
    const here = await writeZip([{ name: 'a', content: new Uint8Array(9), executable: false }]);
    for (const TZ of ['Pacific/Kiritimati', 'America/Los_Angeles']) {
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
        env: { TZ },
      });
      assert.equal(stdout.trim(), createHash('sha256').update(here).digest('hex'), TZ);
    }
  });
});

suite('unpacking a charm', () => {
  const folder = suiteFolder();
  let file = 0;

  async function unpack(archive: Uint8Array): Promise<string> {
    file += 1;
    const charm = join(folder(), `${file}.charm`);
    await writeFile(charm, archive);
    await unpackCharm(charm, join(folder(), `${file}`));
    return join(folder(), `${file}`);
  }

  test('gives what was packed, with its modes', async () => {
    const unpacked = await unpack(await writeZip(entries));
    for (const { name, content, executable } of entries) {
      assert.deepEqual(await readFile(join(unpacked, name)), content);
      const { mode } = await stat(join(unpacked, name));
      assert.equal(mode & 0o777, executable ? 0o755 : 0o644, name);
    }
  });

  test('takes a zip that was not made on Unix: nothing in it is executable', async () => {
    const unpacked = await unpack(zipSync({ dispatch: Buffer.from('#!/bin/sh\n') }));
    assert.equal((await stat(join(unpacked, 'dispatch'))).mode & 0o777, 0o644);
  });

  for (const name of ['../outside', '/outside', 'a/../../outside', 'a\\..\\outside']) {
    test(`refuses an entry called ${name}`, async () => {
      await assert.rejects(unpack(zipSync({ [name]: new Uint8Array(1) })), {
        name: 'UsageError',
        message: /would end up outside of its folder/,
      });
    });
  }

  test('refuses a symbolic link', async () => {
    const link = zipSync({ link: [Buffer.from('/etc'), { os: 3, attrs: (0o120777 << 16) >>> 0 }] });
    await assert.rejects(unpack(link), /link is a symbolic link/);
  });

  test('refuses a file that has been cut off, or changed on its way', async () => {
    const whole = await writeZip([
      { name: 'a', content: Buffer.from('content '.repeat(100)), executable: false },
    ]);
    for (let length = 0; length < whole.length; length += 7) {
      await assert.rejects(unpack(whole.subarray(0, length)), UsageError, `cut off at ${length}`);
    }
    const name = Buffer.from(whole).indexOf('a');
    const changed = Buffer.from(whole);
    changed[name + 5] = (changed[name + 5] ?? 0) ^ 1;
    await assert.rejects(unpack(changed), UsageError);
  });

  test('says what makes a charm when there is none', async () => {
    await assert.rejects(unpackCharm(join(folder(), 'none.charm'), folder()), /crosslink pack makes a charm/);
  });
});
