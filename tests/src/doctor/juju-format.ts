import type { ModelSnapshot } from '#lib/juju-local';

type Bag = Record<string, string>;

/** A unit's side of a relation. */
export interface ComposedUnit {
  inScope: boolean;
  data: Bag;
}

export interface ComposedEnd {
  app: string;
  endpoint: string;
  appData: Bag;
  units: Record<string, ComposedUnit>;
}

export interface ComposedRelation {
  id: number;
  interface: string;
  ends: [ComposedEnd, ComposedEnd];
}

export interface ComposedApplication {
  charm: string;
  units: Record<string, { leader: boolean; status: string; message: string }>;
}

/** A model to be planted with faults and then printed as Juju prints it: plain data, to be changed at will. */
export interface ComposedModel {
  name: string;
  applications: Record<string, ComposedApplication>;
  relations: ComposedRelation[];
  /** Applications of other models, by the name that they have here, and the URL of the offer. */
  saas: Record<string, string>;
  /** Offers, and the application of each. */
  offers: Record<string, string>;
}

const since = '21 Nov 2026 11:00:00Z';

/** What `juju status --format json` prints. */
export function jujuStatus(model: ComposedModel): unknown {
  const applications = Object.entries(model.applications).map(([name, { charm, units }]) => [
    name,
    {
      charm,
      base: { name: 'ubuntu', channel: '24.04' },
      'charm-origin': 'charmhub',
      'charm-name': charm,
      'charm-rev': 7,
      'charm-channel': '2/stable',
      scale: Object.keys(units).length,
      'provider-id': '8f0b6a60-0000-4000-8000-000000000000',
      address: '10.152.183.7',
      exposed: false,
      'application-status': { current: 'active', since },
      relations: relationsIn(model, name),
      units: Object.fromEntries(
        Object.entries(units).map(([unit, { leader, status, message }]) => [
          unit,
          {
            'workload-status': { current: status, ...(message !== '' && { message }), since },
            'juju-status': { current: 'idle', since, version: '3.6.9' },
            ...(leader && { leader }),
            address: '10.1.160.61',
            'provider-id': unit.replace('/', '-'),
          },
        ]),
      ),
    },
  ]);
  const saas = Object.entries(model.saas).map(([name, url]) => [
    name,
    {
      url,
      endpoints: {},
      'application-status': { current: 'active', since },
      relations: relationsIn(model, name),
    },
  ]);
  const offers = Object.entries(model.offers).map(([name, application]) => [
    name,
    { application, charm: `ch:amd64/${application}`, 'total-connected-count': 1, endpoints: {} },
  ]);
  return {
    model: {
      name: model.name,
      type: 'caas',
      controller: 'k8s',
      cloud: 'k8s',
      version: '3.6.9',
      'model-status': { current: 'available', since },
      sla: 'unsupported',
    },
    machines: {},
    applications: Object.fromEntries(applications),
    ...(saas.length > 0 && { 'application-endpoints': Object.fromEntries(saas) }),
    ...(offers.length > 0 && { offers: Object.fromEntries(offers) }),
    storage: {},
    controller: { timestamp: '11:00:00Z' },
  };
}

function relationsIn(model: ComposedModel, app: string): Record<string, unknown[]> {
  const found: Record<string, unknown[]> = {};
  for (const relation of model.relations) {
    const [a, b] = relation.ends;
    for (const [own, other] of [
      [a, b],
      [b, a],
    ] as const) {
      if (own.app !== app) continue;
      found[own.endpoint] = [
        ...(found[own.endpoint] ?? []),
        { 'related-application': other.app, interface: relation.interface, scope: 'global' },
      ];
    }
  }
  return found;
}

/**
 * What `juju show-unit --format json UNIT...` prints: the other side's databags, and of this side the unit's own.
 * @param units - of all applications when left out
 */
export function jujuShowUnit(model: ComposedModel, units?: readonly string[]): Record<string, unknown> {
  const all = Object.entries(model.applications).flatMap(([app, { charm, units }]) =>
    Object.entries(units).map(([unit, { leader }]) => ({ app, charm, unit, leader })),
  );
  const asked = units === undefined ? all : all.filter(({ unit }) => units.includes(unit));
  return Object.fromEntries(
    asked.map(({ app, charm, unit, leader }) => [
      unit,
      {
        'workload-version': '1.2.3',
        'opened-ports': [],
        charm: `ch:amd64/${charm}-7`,
        leader,
        life: 'alive',
        'relation-info': model.relations.flatMap((relation) => rowOf(relation, app, unit)),
        'provider-id': unit.replace('/', '-'),
        address: '10.1.160.61',
      },
    ]),
  );
}

function rowOf({ id, ends: [a, b] }: ComposedRelation, app: string, unit: string): unknown[] {
  const [own, other] = a.app === app ? [a, b] : [b, a];
  if (own.app !== app) return [];
  const local = own.units[unit];
  const related = Object.entries(other.units);
  // Juju leaves out a relation without any data.
  if (Object.keys(other.appData).length === 0 && related.length === 0 && local === undefined) return [];
  return [
    {
      'relation-id': id,
      endpoint: own.endpoint,
      ...(other.app.startsWith('remote-') && { 'cross-model': true }),
      'related-endpoint': other.endpoint,
      'application-data': other.appData,
      'local-unit': {
        'in-scope': local?.inScope ?? false,
        data: local === undefined ? null : { ...addresses, ...local.data },
      },
      ...(related.length > 0 && {
        'related-units': Object.fromEntries(
          related.map(([name, { inScope, data }]) => [
            name,
            { 'in-scope': inScope, data: inScope ? { ...addresses, ...data } : null },
          ]),
        ),
      }),
    },
  ];
}

/** What Juju itself puts into every unit's databag. */
const addresses = {
  'egress-subnets': '10.152.183.7/32',
  'ingress-address': '10.152.183.7',
  'private-address': '10.152.183.7',
};

/** A local model as Juju would show it. */
export function composedFrom({ name, applications, relations }: ModelSnapshot): ComposedModel {
  return {
    name,
    applications: Object.fromEntries(
      Object.entries(applications).map(([app, { charm, units }]) => [
        app,
        {
          charm,
          units: Object.fromEntries(
            Object.entries(units).map(([unit, { leader, status }]) => [
              unit,
              { leader, status: status.status, message: status.message },
            ]),
          ),
        },
      ]),
    ),
    relations: relations.flatMap(({ id, interface: interfaceName, ends: [a, b] }) => {
      if (a === undefined || b === undefined) return [];
      const end = ({ app, endpoint, appData, unitsData }: typeof a): ComposedEnd => ({
        app,
        endpoint,
        appData: { ...appData },
        units: Object.fromEntries(
          Object.entries(unitsData).map(([unit, data]) => [unit, { inScope: true, data: { ...data } }]),
        ),
      });
      return [{ id, interface: interfaceName, ends: [end(a), end(b)] }];
    }),
    saas: {},
    offers: {},
  };
}
