import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { UsageError } from '#src/local';

/**
 * Reads what stands behind a command.
 * @param options - as `parseArgs` of `node:util` takes them
 * @throws {UsageError} an option that the command does not have, or one without its value
 */
export function parseOptions<Options extends ParseArgsOptionsConfig>(
  command: string,
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    // Node's own first sentence says which option; its further advice is about parseArgs.
    const message = error instanceof Error ? (error.message.split(/\.\s/)[0] ?? '') : String(error);
    throw new UsageError(`${message}; crosslink help ${command} shows the options`, { cause: error });
  }
}
