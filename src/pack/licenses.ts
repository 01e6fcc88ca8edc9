import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '#src/local';

/**
 * The licences of all that is in the charm and not crosslink's own: their terms are that they go with it.
 * @param packages - of npm, sorted
 * @throws {Error} a package has no licence file
 */
export async function thirdPartyLicenses(packages: readonly string[], node: string): Promise<string> {
  const texts = await Promise.all(packages.map(async (name) => section(name, await licenseOf(name))));
  return [...texts, section('Node.js', node)].join('\n');
}

/** Some packages have theirs at the end of their README; then all of that goes in. */
async function licenseOf(name: string): Promise<string> {
  const folder = join(projectFolder, 'node_modules', name);
  const files = (await readdir(folder)).toSorted();
  const file =
    files.find((one) => /^licen[cs]e(?:\.|$)/i.test(one)) ?? files.find((one) => /^readme\./i.test(one));
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
  if (!/licen[cs]e|permission (?:is hereby granted|to use)/i.test(text)) {
    throw new Error(`${name} has no licence that could go into the charm`);
  }
  return text;
}

function section(title: string, text: string): string {
  return `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n\n${text.trim()}\n`;
}
