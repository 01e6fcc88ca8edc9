import type { Network } from '../hook-tools.ts';
import { parseUnitName } from '../unit-name.ts';
import { requirePossible } from './possible.ts';
import type { RelationState, UnitState } from './state.ts';

/** A relation as a test writes it down: what is left out has a default. */
export type RelationDraft = Partial<RelationState> & Pick<RelationState, 'endpoint'>;

/** A unit's world as a test writes it down: what is left out has a default. */
export type StateDraft = Partial<Omit<UnitState, 'relations'>> & {
  readonly relations?: readonly RelationDraft[];
};

const loneNetwork: Network = {
  bindAddresses: [
    {
      macAddress: '00:16:3e:00:00:01',
      interfaceName: 'eth0',
      addresses: [{ hostname: '', value: '10.0.0.1', cidr: '10.0.0.0/24' }],
    },
  ],
  ingressAddresses: ['10.0.0.1'],
  egressSubnets: ['10.0.0.1/32'],
};

/**
 * A relation for {@link state}. Defaults: id the next free one, not a peer relation, the remote application called
 * `remote` (for a peer relation the unit's own), empty databags, no remote units.
 */
export function relation(draft: RelationDraft): RelationDraft {
  return {
    peer: false,
    localAppData: {},
    localUnitData: {},
    remoteAppData: {},
    remoteUnitsData: {},
    ...draft,
  };
}

/**
 * The world of one unit before a hook. Defaults: unit `app/0`, a follower, in model `model`, with nothing configured,
 * related or stored, status unknown, address 10.0.0.1.
 * @throws {TypeError} for a world that Juju cannot produce, saying why not
 */
export function state(draft: StateDraft = {}): UnitState {
  const { relations: drafts = [], ...given } = draft;
  const unit = given.unit ?? 'app/0';
  const world: UnitState = {
    unit,
    modelName: 'model',
    modelUuid: '8a7d6a3c-4c5e-4c5b-8e0f-3f6f0d2b1a90',
    leader: false,
    config: {},
    secrets: [],
    unitStatus: { status: 'unknown', message: '' },
    applicationStatus: { status: 'unknown', message: '' },
    unitStatuses: {},
    workloadVersion: '',
    openedPorts: [],
    stored: {},
    networks: { default: loneNetwork },
    privateAddress: '10.0.0.1',
    publicAddress: '',
    storages: {},
    resources: {},
    actionParameters: null,
    ...given,
    relations: numbered(drafts, parseUnitName(unit).app),
  };
  requirePossible(world);
  return world;
}

function numbered(drafts: readonly RelationDraft[], ownApp: string): RelationState[] {
  const taken = new Set(drafts.flatMap(({ id }) => (id === undefined ? [] : [id])));
  return drafts.map((draft) => {
    let { id } = draft;
    if (id === undefined) {
      for (id = 1; taken.has(id); ) id += 1;
      taken.add(id);
    }
    const { peer = false } = draft;
    return {
      peer,
      remoteApp: peer ? ownApp : 'remote',
      localAppData: {},
      localUnitData: {},
      remoteAppData: {},
      remoteUnitsData: {},
      ...draft,
      id,
    };
  });
}
