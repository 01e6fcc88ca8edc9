/**
 * Host and port of 'host:port', '[::1]:port' or ':port'.
 * @returns the host as it stands there, with its brackets; '' where there is none. undefined where it is no address.
 */
export function splitAddress(address: string): readonly [host: string, port: number] | undefined {
  const [, host = '', port = ''] = /^(\[[\da-fA-F:.]+\]|[^:]*):(\d{1,5})$/.exec(address) ?? [];
  return port === '' || Number(port) > 65535 ? undefined : [host, Number(port)];
}
