import { nativeCode } from './native-code.ts';
import { libraryFolder, type Target, targets } from './targets.ts';

/**
 * What a program that brings its C library begins with: see native/start.c.
 * @param program - its own entry, and the table of program headers that the loader is to see
 * @returns code that runs wherever it is put at the beginning of a page
 */
export function startCode(
  target: Target,
  program: { readonly entry: bigint; readonly address: number; readonly count: number },
): Buffer {
  const config = Buffer.alloc(24);
  config.writeBigUInt64LE(program.entry, 0);
  config.writeBigUInt64LE(BigInt(program.address), 8);
  config.writeBigUInt64LE(BigInt(program.count), 16);
  const loader = `${libraryFolder(target)}/${targets[target].loader}\0`;
  return Buffer.concat([nativeCode.start[target], config, Buffer.from(loader, 'latin1')]);
}
