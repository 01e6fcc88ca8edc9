import type { Port } from '../hook-tools.ts';
import { comparePorts, formatPort } from '../ports.ts';
import type { Changes } from './state.ts';

/** @returns what is open after a hook: one port for each range, with all of its endpoints, in a fixed order */
export function applyPortChanges(
  opened: readonly Port[],
  { openPorts, closePorts }: Pick<Changes, 'openPorts' | 'closePorts'>,
): Port[] {
  const open = new Map<string, { port: Port; endpoints: Set<string> }>();
  const endpointsOf = (port: Port) => port.endpoints ?? ['*'];
  for (const port of [...opened, ...openPorts]) {
    const { endpoints } = open.get(formatPort(port)) ?? { endpoints: new Set<string>() };
    for (const endpoint of endpointsOf(port)) endpoints.add(endpoint);
    open.set(formatPort(port), { port, endpoints });
  }
  for (const port of closePorts) {
    for (const endpoint of endpointsOf(port)) open.get(formatPort(port))?.endpoints.delete(endpoint);
  }
  return [...open.values()]
    .filter(({ endpoints }) => endpoints.size > 0)
    .map(({ port: { endpoints: _, ...range }, endpoints }) =>
      endpoints.has('*') ? range : { ...range, endpoints: [...endpoints].sort() },
    )
    .sort(comparePorts);
}
