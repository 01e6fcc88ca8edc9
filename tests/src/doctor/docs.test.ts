import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { doctorReasonCodes, findingCodes, noteCodes } from '#src/doctor';
import { projectFolder } from '#src/local';
import { doctorHelp } from '../../../src/cli/doctor.ts';
import { diagnosed } from './diagnosis.ts';
import { cosV0 } from './healthy.ts';

/** The first column of the tables under a heading, up to the next heading. */
async function firstColumn(heading: string): Promise<string[]> {
  const page = await readFile(join(projectFolder, 'docs/doctor.md'), 'utf8');
  const [, section] = page.split(`\n${heading}\n`);
  assert.ok(section !== undefined, `no heading '${heading}'`);
  const rows = (section.split(/^#+ /m)[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm);
  return [...rows].map(([, cell = '']) => cell);
}

suite('docs/doctor.md', () => {
  for (const [heading, codes] of [
    ['## Findings', findingCodes],
    ['## Notes', noteCodes],
    ['## Reasons', doctorReasonCodes],
  ] as const) {
    test(`names every code under '${heading}' and no others, in their order`, async () => {
      assert.deepEqual(await firstColumn(heading), [...codes]);
    });
  }

  test('names every option of crosslink doctor and no others', async () => {
    const options = [...doctorHelp.matchAll(/^ {2}(--[a-z-]+(?: [A-Z]+)?) /gm)].map(([, one = '']) => one);
    assert.deepEqual(await firstColumn('## Options'), options);
  });

  test('names every field of the JSON object and no others', async () => {
    assert.deepEqual(await firstColumn('## The JSON object'), Object.keys(diagnosed(cosV0())));
  });
});
