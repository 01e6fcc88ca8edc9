import assert from 'node:assert/strict';
import { glob, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const read = (path: string) => readFile(join(root, path), 'utf8');
export const exists = async (path: string) => (await stat(path).catch(() => undefined)) !== undefined;

export async function pages(): Promise<string[]> {
  // README.md may be missing in a tree that is being written; the other pages may not.
  const found: string[] = [];
  for (const pattern of [
    'README.md',
    'docs/*.md',
    'lib/README.md',
    'lib/*/README.md',
    'deploy/**/README.md',
  ]) {
    for await (const page of glob(pattern, { cwd: root })) found.push(page);
  }
  return found;
}

interface Block {
  readonly language: string;
  readonly text: string;
}

export function blocks(page: string): Block[] {
  return [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}

/** The page without its code blocks. */
export function prose(page: string): string {
  return page.replace(/^```.*?^```$/gms, '');
}

/** The first column of every table under a heading, up to the next one of any level. */
export function firstColumn(page: string, heading: string): string[] {
  const [, section] = page.split(`\n${heading}\n`);
  assert.ok(section !== undefined, `no heading '${heading}'`);
  return [...(section.split(/^#+ /m)[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = '']) => cell);
}

/** Cells of the first table under a heading, its header first. */
export function tableUnder(page: string, heading: string): string[][] {
  const [, section] = page.split(`\n${heading}\n`);
  assert.ok(section !== undefined, `no heading '${heading}'`);
  const lines = (section.split(/^#+ /m)[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  const rows = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return rows.filter((cells) => !cells.every((cell) => /^-*$/.test(cell)));
}

/** GitHub's anchor for a heading. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
