import { resolve } from 'node:path';
import { backupTraces } from '#src/traces';
import { print } from './output.ts';
import { parseOptions } from './parse-options.ts';
import { folderOf, folderOption, onlyPositional } from './traces-options.ts';

/** @returns the exit code */
export async function backupCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions('traces', args, folderOption);
  const file = resolve(onlyPositional('backup', 'a file that is not there yet', positionals));
  await backupTraces({ folder: folderOf(values), file });
  await print(`${file}\n`);
  return 0;
}
