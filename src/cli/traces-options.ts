import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '#src/local';
import { defaultTracesFolder, parseDuration } from '#src/traces';
import { wrong } from './traces-refusal.ts';

/** Of every subcommand. */
export const folderOption = { folder: { type: 'string' } } as const;

/** @returns absolute */
export function folderOf({ folder }: { readonly folder?: string | undefined }): string {
  if (folder === '') throw wrong('--folder takes a folder');
  return folder === undefined ? defaultTracesFolder(process.env) : resolve(folder);
}

/** @throws {UsageError} it can't be read */
export async function fileOf(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${option} ${path}: can't be read`, { cause: error });
  }
}

/** Nanoseconds. */
export function durationOf(option: string, text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration === undefined) {
    throw wrong(`${option} takes a time such as 5ms, 1.5s, 30m, 72h or 7d, not '${text}'`);
  }
  return duration;
}

/** The one thing that stands behind a command besides options. */
export function onlyPositional(command: string, what: string, positionals: readonly string[]): string {
  const [only, extra] = positionals;
  if (only === undefined) throw wrong(`crosslink traces ${command} takes ${what}`);
  if (extra !== undefined) throw wrong(`crosslink traces ${command} takes one, not '${extra}' too`);
  return only;
}
