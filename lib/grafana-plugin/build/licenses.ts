import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';

/**
 * The licences of what a plugin has in it and is not its own: their terms are that they go with it.
 * @param root - where the bundles' paths begin
 * @param metafiles - of the bundles
 * @param more - title to text
 */
export async function thirdPartyLicenses(
  root: string,
  metafiles: readonly Metafile[],
  more: ReadonlyMap<string, string>,
): Promise<string> {
  const folders = new Map(metafiles.flatMap((metafile) => packageFolders(root, metafile)));
  const texts = await Promise.all(
    [...folders]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(async ([name, folder]) => section(name, await licenseOf(folder))),
  );
  return [...texts, ...[...more].map(([title, text]) => section(title, text))].join('\n');
}

/** Those that something of really came into the bundle. */
function packageFolders(root: string, { outputs }: Metafile): [name: string, folder: string][] {
  return Object.values(outputs)
    .flatMap(({ inputs }) => Object.keys(inputs))
    .flatMap((input) => {
      const [, folder, name] = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(input) ?? [];
      return folder === undefined || name === undefined
        ? []
        : [[name, resolve(root, folder)] as [string, string]];
    });
}

/** Some packages have theirs at the end of their README; then all of that goes in. */
async function licenseOf(folder: string): Promise<string> {
  const files = (await readdir(folder)).toSorted();
  const file =
    files.find((one) => /^(?:un)?licen[cs]e/i.test(one)) ?? files.find((one) => /^readme\./i.test(one));
  return file === undefined
    ? await readFile(join(folder, 'package.json'), 'utf8')
    : await readFile(join(folder, file), 'utf8');
}

function section(title: string, text: string): string {
  return `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n\n${text.trim()}\n`;
}
