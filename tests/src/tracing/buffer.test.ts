import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type BufferOptions, traceBuffer } from '../../../src/tracing/buffer.ts';

const text = (body: Uint8Array | undefined) => body && Buffer.from(body).toString();

suite('tracing: buffer', () => {
  let base: string;
  setup(async () => {
    base = await mkdtemp(join(tmpdir(), 'crosslink-traces-'));
  });
  teardown(() => rm(base, { recursive: true, force: true }));

  const folder = () => join(base, 'traces');
  let clock = 1_000;
  const open = (options: Partial<BufferOptions> = {}) =>
    traceBuffer({ folder: folder(), limitBytes: 1_000, limitCount: 10, now: () => ++clock, ...options });
  const bodies = (buffer = open()) => buffer.waiting().map((name) => text(buffer.read(name)));

  test('is empty and makes no folder before anything has to wait', async () => {
    assert.deepEqual(open().waiting(), []);
    await assert.rejects(stat(folder()), { code: 'ENOENT' });
  });

  test('gives back what it was given, oldest first, also to another process', () => {
    const buffer = open();
    for (const body of ['a', 'b', 'c']) assert.equal(buffer.add(Buffer.from(body)), 0);
    assert.deepEqual(bodies(), ['a', 'b', 'c']);
    buffer.remove(buffer.waiting()[0] ?? '');
    assert.deepEqual(bodies(), ['b', 'c']);
  });

  test('is for its owner only, also in a folder that was open to others', async () => {
    await mkdir(folder());
    await chmod(folder(), 0o777);
    open().add(Buffer.from('a'));
    assert.equal((await stat(folder())).mode & 0o777, 0o700);
    for (const name of await readdir(folder())) {
      assert.equal((await stat(join(folder(), name))).mode & 0o777, 0o600);
    }
  });

  test('drops the oldest when there are too many, and says how many', () => {
    const buffer = open({ limitCount: 2 });
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((body) => buffer.add(Buffer.from(body))),
      [0, 0, 1, 1],
    );
    assert.deepEqual(bodies(buffer), ['c', 'd']);
  });

  test('drops as many of the oldest as a large one needs', () => {
    const buffer = open({ limitBytes: 10 });
    for (const body of ['aaaa', 'bbbb', 'cc']) buffer.add(Buffer.from(body));
    assert.equal(buffer.add(Buffer.from('dddddddd')), 2);
    assert.deepEqual(bodies(buffer), ['cc', 'dddddddd']);
  });

  test('one that is larger than all the room is dropped itself, and costs no other', () => {
    const buffer = open({ limitBytes: 10 });
    buffer.add(Buffer.from('a'));
    assert.equal(buffer.add(Buffer.alloc(11)), 1);
    assert.deepEqual(bodies(buffer), ['a']);
  });

  test('is never above its limits, and what it holds is always the end of what came', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 });
    let run = 0;
    fc.assert(
      fc.property(sizes, (all) => {
        const buffer = open({ folder: join(base, String(run++)), limitBytes: 100, limitCount: 4 });
        const given = all.map((size, index) => Buffer.alloc(size, index));
        for (const body of given) {
          buffer.add(body);
          const held = buffer.waiting().map((name) => Buffer.from(buffer.read(name) ?? []));
          assert.ok(held.length <= 4 && held.reduce((sum, one) => sum + one.length, 0) <= 100);
          const end = given.slice(0, given.indexOf(body) + 1).slice(-held.length);
          assert.deepEqual(held, end);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('files of others survive, and are neither counted nor read', async () => {
    await mkdir(folder());
    await writeFile(join(folder(), 'notes.txt'), 'mine');
    await writeFile(join(folder(), '1.otlp'), 'mine');
    await mkdir(join(folder(), '000000000000001-aaaaaaaa.otlp'));
    await symlink('/etc/hostname', join(folder(), '000000000000002-aaaaaaaa.otlp'));
    const buffer = open({ limitCount: 1 });
    buffer.add(Buffer.from('a'));
    buffer.add(Buffer.from('b'));
    assert.deepEqual(
      bodies(buffer).filter((body) => body !== undefined),
      ['b'],
    );
    const left = await readdir(folder());
    for (const name of [
      'notes.txt',
      '1.otlp',
      '000000000000001-aaaaaaaa.otlp',
      '000000000000002-aaaaaaaa.otlp',
    ]) {
      assert.ok(left.includes(name), name);
    }
  });

  test('an empty file, as a full disk leaves it, is not a request', async () => {
    await mkdir(folder());
    await writeFile(join(folder(), '000000000000001-aaaaaaaa.otlp'), '');
    assert.deepEqual(bodies(), [undefined]);
  });

  test('what a killed hook left half written is cleaned up, but not what another one is just writing', async () => {
    await mkdir(folder());
    const [old, fresh] = ['000000000000001-aaaaaaaa.otlp.new', '000000000000002-aaaaaaaa.otlp.new'] as const;
    for (const name of [old, fresh]) await writeFile(join(folder(), name), 'half');
    const nowMs = Date.now();
    await utimes(join(folder(), old), nowMs / 1000 - 120, nowMs / 1000 - 120);
    open({ now: () => nowMs }).add(Buffer.from('a'));
    const left = await readdir(folder());
    assert.ok(!left.includes(old));
    assert.ok(left.includes(fresh));
    assert.deepEqual(bodies(), ['a']);
  });

  test('a file that another process took is no trouble', () => {
    const [mine, other] = [open(), open()];
    mine.add(Buffer.from('a'));
    const [name = ''] = mine.waiting();
    other.remove(name);
    assert.equal(mine.read(name), undefined);
    mine.remove(name);
  });

  test('where no folder can be made, reading finds nothing and writing says why', async () => {
    await writeFile(folder(), 'a file');
    const buffer = open();
    assert.deepEqual(buffer.waiting(), []);
    assert.throws(() => buffer.add(Buffer.from('a')), { code: 'EEXIST' });
  });
});
