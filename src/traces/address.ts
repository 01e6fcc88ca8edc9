import { UsageError } from '#src/local';

/**
 * @param option - whose value it is
 * @throws {UsageError} it is no `host:port`
 */
export function splitAddress(option: string, text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain = '', port = ''] =
    /^(?:\[([\da-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535) {
    throw new UsageError(`${option} takes an address such as 127.0.0.1:4318, not '${text}'`);
  }
  // As Go's programs have it: no host is every address of the machine.
  return { host: bracketed ?? (plain === '' ? '::' : plain), port: Number(port) };
}
