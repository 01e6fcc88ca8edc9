import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import {
  configPath,
  readSidecarConfig,
  SidecarConfigError,
} from '../../../../lib/jaeger-storage/server/sidecar-config.ts';

const schema = z.object({
  folder: z.string().default('/var/lib/traces'),
  days: z.number().int().min(1).optional(),
});

async function read(text: string) {
  const path = join(await mkdtemp(join(tmpdir(), 'crosslink-')), 'config.yaml');
  await writeFile(path, text);
  return readSidecarConfig(path, schema);
}

suite('the arguments of a sidecar', () => {
  test('name the config file', () => {
    assert.equal(configPath(['--config', '/etc/traces.yaml']), '/etc/traces.yaml');
  });

  test('name none where Jaeger was given none', () => {
    assert.equal(configPath(['--config', '']), undefined);
  });

  for (const args of [
    [],
    ['--config'],
    ['--config=a'],
    ['-c', 'a'],
    ['a', '--config'],
    ['--config', 'a', 'b'],
  ]) {
    test(`'${args.join(' ')}' is not how Jaeger starts one`, () => {
      assert.throws(() => configPath(args), /^SidecarConfigError: give exactly '--config FILE'/);
    });
  }
});

suite('the config file of a sidecar', () => {
  test('says what its schema says, and whether streams are wanted', async () => {
    assert.deepEqual(await read('folder: /data\ndays: 3\nenable_streaming_writer: false\n'), {
      streaming: false,
      own: { folder: '/data', days: 3 },
    });
  });

  for (const text of ['', '# nothing\n', '{}', 'enable_streaming_writer: true']) {
    test(`leaves everything at its default where it is '${text.trim()}'`, async () => {
      assert.deepEqual(await read(text), { streaming: true, own: { folder: '/var/lib/traces' } });
    });
  }

  test('need not be there', async () => {
    const config = await readSidecarConfig(undefined, schema);
    assert.deepEqual(config.own, { folder: '/var/lib/traces' });
  });

  for (const [text, message] of [
    ['folder: 3', /config\.yaml: folder: .*string/],
    ['days: 0', /config\.yaml: days: /],
    ['foldr: /data', /config\.yaml: .*foldr/],
    ['enable_streaming_writer: maybe', /config\.yaml: enable_streaming_writer: /],
    ['- a list', /config\.yaml: /],
    ['just text', /config\.yaml: /],
    ['a: [', /config\.yaml is no YAML: /],
    ['days: 0\nfolder: 3', /days: .*folder: |folder: .*days: /],
  ] as const) {
    test(`says what is wrong with '${text.replaceAll('\n', '; ')}'`, async () => {
      await assert.rejects(read(text), (error) => {
        assert.ok(error instanceof SidecarConfigError);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  test('says where it looked for one that is not there', async () => {
    await assert.rejects(
      readSidecarConfig('/nowhere/config.yaml', schema),
      /cannot be read: ENOENT.*\/nowhere\/config\.yaml.*--grpc-storage-plugin\.configuration-file/,
    );
  });
});
