import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { htmlPage } from '#src/doctor/html';
import { diagnosed } from '../src/doctor/diagnosis.ts';
import { cosV0 } from '../src/doctor/healthy.ts';
import { jujuShowUnit, jujuStatus } from '../src/doctor/juju-format.ts';
import { crosslink } from './command.ts';

suite('crosslink doctor --html', () => {
  let folder: string;
  let where: string[];
  setup(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crosslink-html-'));
    const [cos] = cosV0();
    assert.ok(cos !== undefined);
    const [status, shown] = [join(folder, 'status'), join(folder, 'show-unit')];
    await writeFile(status, JSON.stringify(jujuStatus(cos)));
    await writeFile(shown, JSON.stringify(jujuShowUnit(cos)));
    where = ['doctor', '--status', status, '--show-unit', shown];
  });
  teardown(() => rm(folder, { recursive: true, force: true }));

  for (const output of [[], ['--json']]) {
    test(`writes the page, and prints as without it: ${['doctor', ...output].join(' ')}`, async () => {
      const file = join(folder, 'page.html');
      const with_ = await crosslink(...where, ...output, '--html', file);
      const without = await crosslink(...where, ...output);
      assert.deepEqual([with_.code, with_.stdout, with_.stderr], [0, without.stdout, '']);
      assert.equal(await readFile(file, 'utf8'), htmlPage(diagnosed(cosV0())));
    });
  }

  test('says so when it can not write the page, and ends with 2', async () => {
    const { code, stdout, stderr } = await crosslink(...where, '--html', join(folder, 'no', 'such'));
    assert.equal(code, 2);
    assert.match(stderr, /--html .*such: can't be written: ENOENT/);
    assert.equal(stdout, '');
  });
});
