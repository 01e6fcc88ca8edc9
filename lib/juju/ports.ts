import type { Port } from './hook-tools.ts';

const protocols = ['tcp', 'udp', 'icmp'] as const;
const shape = /^([0-9]+)(?:-([0-9]+))?\/(tcp|udp)$/;

/** @returns Juju's spelling: `80/tcp`, `8080-8088/udp`, `icmp`; endpoints are not part of it */
export function formatPort(port: Port): string {
  if (port.protocol === 'icmp') return 'icmp';
  const from = port.from ?? Number.NaN;
  const to = port.to ?? from;
  return from === to ? `${from}/${port.protocol}` : `${from}-${to}/${port.protocol}`;
}

/** @throws {TypeError} when `text` is not as {@link formatPort} writes it */
export function parsePort(text: string): Port {
  if (text === 'icmp') return { protocol: 'icmp' };
  const [, from, to, protocol] = shape.exec(text) ?? [];
  if (from === undefined || protocol === undefined) throw new TypeError(`'${text}' is no port or port range`);
  return { protocol: protocol as 'tcp' | 'udp', from: Number(from), to: Number(to ?? from) };
}

/** Orders by protocol (tcp, udp, icmp), then by port number. */
export function comparePorts(a: Port, b: Port): number {
  return (
    protocols.indexOf(a.protocol) - protocols.indexOf(b.protocol) ||
    (a.from ?? 0) - (b.from ?? 0) ||
    (a.to ?? a.from ?? 0) - (b.to ?? b.from ?? 0)
  );
}
