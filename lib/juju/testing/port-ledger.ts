import { toolError } from '../errors-from-tool.ts';
import type { Port } from '../hook-tools.ts';
import { comparePorts, formatPort } from '../ports.ts';
import type { Changes, UnitState } from './state.ts';

/** Stands for all endpoints, as in `opened-ports --endpoints`. */
const everywhere = '*';

interface Opening {
  readonly range: Port;
  /** An endpoint, or {@link everywhere}. */
  readonly endpoint: string;
}

/**
 * The ports of one unit during one hook. An opening is kept for each endpoint by itself: closing one endpoint of a
 * port that is open everywhere leaves it open.
 */
export class PortLedger {
  readonly #unit: string;
  readonly #before: ReadonlyMap<string, Opening>;
  readonly #now: Map<string, Opening>;

  constructor(state: UnitState) {
    this.#unit = state.unit;
    this.#before = new Map(state.openedPorts.flatMap(openings).map((one) => [keyOf(one), one]));
    this.#now = new Map(this.#before);
  }

  open(port: Port): void {
    const wanted = validated('open-port', port);
    const rival = [...this.#now.values()].find(({ range }) => conflict(range, wanted));
    if (rival) {
      throw toolError(
        'open-port',
        1,
        `cannot open ${formatPort(wanted)} (unit "${this.#unit}"): port range conflicts with ${formatPort(rival.range)} (unit "${this.#unit}")`,
      );
    }
    for (const one of openings(wanted)) this.#now.set(keyOf(one), one);
  }

  close(port: Port): void {
    const unwanted = validated('close-port', port);
    const rival = [...this.#now.values()].find(({ range }) => conflict(range, unwanted));
    if (rival) {
      throw toolError(
        'close-port',
        1,
        `cannot close ${formatPort(unwanted)} (unit "${this.#unit}"): port range conflicts with ${formatPort(rival.range)} (unit "${this.#unit}")`,
      );
    }
    if (unwanted.endpoints) {
      for (const one of openings(unwanted)) this.#now.delete(keyOf(one));
      return;
    }
    for (const [key, { range }] of this.#now) {
      if (formatPort(range) === formatPort(unwanted)) this.#now.delete(key);
    }
  }

  opened(): Port[] {
    return gathered(this.#now.values());
  }

  changes(): Pick<Changes, 'openPorts' | 'closePorts'> {
    const only = (a: ReadonlyMap<string, Opening>, b: ReadonlyMap<string, Opening>) =>
      gathered([...a].filter(([key]) => !b.has(key)).map(([, one]) => one));
    return { openPorts: only(this.#now, this.#before), closePorts: only(this.#before, this.#now) };
  }
}

/** @returns one port for each range, with its endpoints together, in a fixed order */
function gathered(all: Iterable<Opening>): Port[] {
  const ports = Map.groupBy(all, ({ range }) => formatPort(range));
  return [...ports.values()]
    .flatMap(([first, ...rest]): Port[] => {
      if (!first) return [];
      const endpoints = [first, ...rest].map(({ endpoint }) => endpoint);
      if (endpoints.includes(everywhere)) return [first.range];
      return [{ ...first.range, endpoints: endpoints.sort() }];
    })
    .sort(comparePorts);
}

function openings(port: Port): Opening[] {
  const { endpoints, ...range } = port;
  return (endpoints ?? [everywhere]).map((endpoint) => ({ range, endpoint }));
}

function keyOf({ range, endpoint }: Opening): string {
  return `${formatPort(range)} ${endpoint}`;
}

/** Equal ranges are the same opening; ranges that share only some ports can't be told apart by a firewall. */
function conflict(a: Port, b: Port): boolean {
  if (a.protocol !== b.protocol || formatPort(a) === formatPort(b)) return false;
  return (a.from ?? 0) <= (b.to ?? b.from ?? 0) && (b.from ?? 0) <= (a.to ?? a.from ?? 0);
}

/** @see juju/juju: core/network/portrange.go (Validate) */
function validated(tool: string, port: Port): Port {
  if (port.protocol === 'icmp') {
    return { protocol: 'icmp', ...(port.endpoints ? { endpoints: port.endpoints } : {}) };
  }
  const from = port.from ?? Number.NaN;
  const to = port.to ?? from;
  const inBounds = (n: number) => Number.isInteger(n) && n >= 0 && n <= 65_535;
  if (from > to) throw toolError(tool, 2, `invalid port range ${from}-${to}/${port.protocol}`);
  if (!inBounds(from) || !inBounds(to)) {
    throw toolError(tool, 2, `port range bounds must be between 0 and 65535, got ${from}-${to}`);
  }
  return { ...port, from, to };
}
