import { formatPort, type Network, type Port } from '#lib/juju';
import { noMore, usage } from './args.ts';
import { optionalRelationId, relationFlag } from './relation-arg.ts';
import { smart, type Tool } from './tool.ts';

const networkGet: Tool = {
  flags: {
    ...relationFlag,
    'primary-address': { kind: 'bool' },
    'bind-address': { kind: 'bool' },
    'ingress-address': { kind: 'bool' },
    'egress-subnets': { kind: 'bool' },
  },
  formats: smart,
  async run({ tools, context: { event }, args }) {
    const [binding] = args.positional;
    if (binding === undefined) throw usage('no arguments specified');
    if (binding === '') throw usage('no binding name specified');
    noMore(args.positional, 1);
    const relationId = optionalRelationId(args) ?? ('relationId' in event ? event.relationId : undefined);
    const network = await tools.networkGet(binding, relationId === undefined ? {} : { relationId });
    const first = network.bindAddresses[0]?.addresses[0]?.value ?? '';
    if (args.bool('primary-address')) return { value: first };
    const single: Record<string, unknown> = {};
    if (args.bool('bind-address')) single['bind-address'] = first;
    if (args.bool('ingress-address')) single['ingress-address'] = network.ingressAddresses[0] ?? '';
    if (args.bool('egress-subnets')) single['egress-subnets'] = network.egressSubnets;
    const values = Object.values(single);
    if (values.length > 1) return { value: single };
    return { value: values.length === 1 ? values[0] : wholeNetwork(network) };
  },
};

/** Lists that are empty are left out at the top, as Juju does. */
function wholeNetwork({ bindAddresses, egressSubnets, ingressAddresses }: Network): Record<string, unknown> {
  const whole: Record<string, readonly unknown[]> = {
    'bind-addresses': bindAddresses.map(({ macAddress, interfaceName, addresses }) => ({
      'mac-address': macAddress,
      'interface-name': interfaceName,
      addresses: addresses.map(({ hostname, value, cidr }) => ({ hostname, value, cidr })),
    })),
    'egress-subnets': egressSubnets,
    'ingress-addresses': ingressAddresses,
  };
  return Object.fromEntries(Object.entries(whole).filter(([, list]) => list.length > 0));
}

const unitGet: Tool = {
  flags: {},
  formats: smart,
  async run({ tools, args: { positional } }) {
    const [setting] = positional;
    if (setting === undefined) throw usage('no setting specified');
    if (setting !== 'private-address' && setting !== 'public-address') {
      throw usage(`unknown setting ${JSON.stringify(setting)}`);
    }
    noMore(positional, 1);
    return { value: await tools.unitGet(setting) };
  },
};

const endpoints = { endpoints: { kind: 'string' } } as const;

const openPort: Tool = {
  flags: endpoints,
  formats: [],
  async run({ tools, args }) {
    await tools.openPort(portOf(args.positional, args.string('endpoints')));
    return undefined;
  },
};

const closePort: Tool = {
  flags: endpoints,
  formats: [],
  async run({ tools, args }) {
    await tools.closePort(portOf(args.positional, args.string('endpoints')));
    return undefined;
  },
};

/** `80`, `80/udp`, `8000-8010/tcp`, `icmp`. */
function portOf(positional: readonly string[], endpointList: string | undefined): Port {
  const [text] = positional;
  if (text === undefined) throw usage('no port or range specified');
  noMore(positional, 1);
  const named = endpointList?.split(',').map((name) => name.trim());
  const only = named && !named.includes('*') ? { endpoints: named } : {};
  if (text.toLowerCase() === 'icmp') return { protocol: 'icmp', ...only };
  const [, low, high, protocol = 'tcp'] = /^([0-9]+)(?:-([0-9]+))?(?:\/([a-z]+))?$/i.exec(text) ?? [];
  const known = (['tcp', 'udp'] as const).find((one) => one === protocol.toLowerCase());
  if (low === undefined) {
    throw usage(
      `expected <port>[/<protocol>] or <from>-<to>[/<protocol>] or icmp; got ${JSON.stringify(text)}`,
    );
  }
  if (!known) throw usage(`invalid protocol ${JSON.stringify(protocol)}, expected "tcp", "udp", or "icmp"`);
  return { protocol: known, from: Number(low), to: Number(high ?? low), ...only };
}

const openedPorts: Tool = {
  flags: { endpoints: { kind: 'bool' } },
  formats: smart,
  async run({ tools, args }) {
    noMore(args.positional);
    const ports = await tools.openedPorts();
    const shown = ports.map((port) => {
      const range = formatPort(port);
      if (!args.bool('endpoints')) return range;
      return `${range} (${port.endpoints ? [...port.endpoints].sort().join(', ') : '*'})`;
    });
    return { value: shown };
  },
};

export const networkTools = {
  'network-get': networkGet,
  'unit-get': unitGet,
  'open-port': openPort,
  'close-port': closePort,
  'opened-ports': openedPorts,
} as const;
