import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { HookEvent, UnitName } from '#lib/juju';
import { type AgentMemory, blankMemory, remember } from '../../../lib/juju-local/agent-memory.ts';
import { hookName } from '../../../lib/juju-local/hook-name.ts';
import { nextHook } from '../../../lib/juju-local/next-hook.ts';
import type { Outlook, RelationOutlook } from '../../../lib/juju-local/outlook.ts';

const outlook: Outlook = {
  unit: 'web/0',
  life: 'alive',
  leader: true,
  leaderTerm: 1,
  leaderSettingsVersion: 1,
  legacyLeaderHooks: true,
  configVersion: 1,
  charmVersion: 1,
  updateStatusTick: 0,
  relations: [],
  changedSecrets: [],
  obsoleteRevisions: [],
  actions: [],
};

function relation(fields: Partial<RelationOutlook> = {}): RelationOutlook {
  return {
    id: 1,
    endpoint: 'db',
    peer: false,
    life: 'alive',
    remoteApp: 'mysql',
    appVersion: 0,
    members: new Map(),
    ...fields,
  };
}

/** Runs hooks until none is left. */
function run(memory: AgentMemory, seen: Outlook): { events: HookEvent[]; memory: AgentMemory } {
  const events: HookEvent[] = [];
  let now = memory;
  for (let event = nextHook(now, seen); event; event = nextHook(now, seen)) {
    events.push(event);
    now = remember(now, seen, event);
    assert.ok(events.length < 200, 'hooks never end');
  }
  return { events, memory: now };
}

function names(events: readonly HookEvent[]): string[] {
  return events.map((event) => {
    const unit = 'remoteUnit' in event && event.remoteUnit ? ` ${event.remoteUnit}` : '';
    const app = event.kind === 'relation-changed' && !event.remoteUnit ? ` ${event.remoteApp}` : '';
    return hookName(event) + unit + app;
  });
}

const started = run(blankMemory, outlook).memory;

suite('the next hook', () => {
  const table: { title: string; given?: AgentMemory; outlook: Partial<Outlook>; hooks: string[] }[] = [
    {
      title: 'first of a leader',
      given: blankMemory,
      outlook: {},
      hooks: ['install', 'leader-elected', 'config-changed', 'start'],
    },
    {
      title: 'first of a follower',
      given: blankMemory,
      outlook: { leader: false },
      hooks: ['install', 'leader-settings-changed', 'config-changed', 'start'],
    },
    {
      title: 'first of a follower in Juju 4',
      given: blankMemory,
      outlook: { leader: false, legacyLeaderHooks: false },
      hooks: ['install', 'config-changed', 'start'],
    },
    {
      title: 'relations at first deployment: created comes before leadership, the rest after start',
      given: blankMemory,
      outlook: { relations: [relation({ members: new Map([['mysql/0', 1]]) })] },
      hooks: [
        'install',
        'db-relation-created',
        'leader-elected',
        'config-changed',
        'start',
        'db-relation-joined mysql/0',
        'db-relation-changed mysql/0',
      ],
    },
    {
      title: 'application data written before: changed precedes joined',
      outlook: { relations: [relation({ appVersion: 3, members: new Map([['mysql/0', 1]]) })] },
      hooks: [
        'db-relation-created',
        'db-relation-changed mysql',
        'db-relation-joined mysql/0',
        'db-relation-changed mysql/0',
      ],
    },
    {
      title: 'several units join one by one, by number',
      outlook: {
        relations: [
          relation({
            members: new Map([
              ['mysql/10', 0],
              ['mysql/2', 0],
            ]),
          }),
        ],
      },
      hooks: [
        'db-relation-created',
        'db-relation-joined mysql/2',
        'db-relation-changed mysql/2',
        'db-relation-joined mysql/10',
        'db-relation-changed mysql/10',
      ],
    },
    {
      title: 'a dying relation that this unit never entered',
      outlook: { relations: [relation({ life: 'dying' })] },
      hooks: [],
    },
    { title: 'config', outlook: { configVersion: 2 }, hooks: ['config-changed'] },
    { title: 'refresh', outlook: { charmVersion: 2 }, hooks: ['upgrade-charm', 'config-changed'] },
    { title: 'update-status', outlook: { updateStatusTick: 5 }, hooks: ['update-status'] },
    { title: 'takeover', outlook: { leaderTerm: 3 }, hooks: ['leader-elected'] },
    { title: 'removal', outlook: { life: 'dying' }, hooks: ['stop', 'remove'] },
    { title: 'removal before install', given: blankMemory, outlook: { life: 'dying' }, hooks: [] },
    {
      title: 'a secret and its obsolete revisions',
      outlook: {
        changedSecrets: [{ id: 'abc', label: 'token', revision: 4 }],
        obsoleteRevisions: [{ id: 'def', label: '', revision: 1 }],
      },
      hooks: ['secret-changed', 'secret-remove'],
    },
  ];
  for (const { title, given = started, outlook: fields, hooks } of table) {
    test(title, () => assert.deepEqual(names(run(given, { ...outlook, ...fields }).events), hooks));
  }

  const members = new Map<UnitName, number>([
    ['mysql/0', 1],
    ['mysql/1', 1],
  ]);
  const related = run(started, { ...outlook, relations: [relation({ members })] }).memory;

  test('many writes are one changed hook for each bag', () => {
    const later = relation({
      appVersion: 9,
      members: new Map([
        ['mysql/0', 7],
        ['mysql/1', 1],
      ]),
    });
    const { events } = run(related, { ...outlook, relations: [later] });
    assert.deepEqual(names(events), ['db-relation-changed mysql', 'db-relation-changed mysql/0']);
  });

  test('a removed relation departs from each unit and breaks', () => {
    const { events } = run(related, { ...outlook, relations: [relation({ life: 'dying', members })] });
    assert.deepEqual(names(events), [
      'db-relation-departed mysql/0',
      'db-relation-departed mysql/1',
      'db-relation-broken',
    ]);
    assert.deepEqual(
      events.flatMap((event) => (event.kind === 'relation-departed' ? [event.departingUnit] : [])),
      ['mysql/0', 'mysql/1'],
    );
  });

  test('a leaving unit departs itself; peers come last and never break', () => {
    const peers = relation({
      id: 0,
      endpoint: 'cluster',
      peer: true,
      remoteApp: 'web',
      members: new Map([['web/1', 1]]),
    });
    const relations = [relation({ members }), peers];
    const { memory } = run(started, { ...outlook, relations });
    const { events } = run(memory, { ...outlook, life: 'dying', relations });
    assert.deepEqual(names(events), [
      'db-relation-departed mysql/0',
      'db-relation-departed mysql/1',
      'db-relation-broken',
      'cluster-relation-departed web/1',
      'stop',
      'remove',
    ]);
    assert.ok(events.every((event) => event.kind !== 'relation-departed' || event.departingUnit === 'web/0'));
  });

  test('changed follows joined even when that unit has left again', () => {
    const joining = { ...outlook, relations: [relation({ members: new Map([['mysql/0', 1]]) })] };
    let memory = started;
    for (const wanted of ['relation-created', 'relation-joined']) {
      const event = nextHook(memory, joining);
      assert.equal(event?.kind, wanted);
      if (event) memory = remember(memory, joining, event);
    }
    const { events } = run(memory, { ...outlook, relations: [relation()] });
    assert.deepEqual(names(events), ['db-relation-changed mysql/0', 'db-relation-departed mysql/0']);
  });

  test('an action goes before what is queued, and nothing comes between config-changed and start', () => {
    const busy = { ...outlook, actions: [{ id: '1', name: 'backup' }] };
    const installed = remember(blankMemory, outlook, { kind: 'install' });
    const elected = remember(installed, outlook, { kind: 'leader-elected' });
    assert.equal(nextHook(elected, busy)?.kind, 'action');
    const configured = remember(elected, outlook, { kind: 'config-changed' });
    assert.equal(nextHook(configured, busy)?.kind, 'start');
  });
});

const anyMembers = fc.dictionary(fc.constantFrom('mysql/0', 'mysql/1', 'mysql/2'), fc.nat(5));
const anyRelation = fc
  .record({ id: fc.nat(2), dying: fc.boolean(), appVersion: fc.nat(4), members: anyMembers })
  .map(({ dying, members, ...rest }) =>
    relation({
      ...rest,
      endpoint: `db${rest.id}`,
      life: dying ? 'dying' : 'alive',
      members: new Map(Object.entries(members) as [UnitName, number][]),
    }),
  );
const anyOutlook = fc
  .uniqueArray(anyRelation, { selector: ({ id }) => id })
  .map((relations) => ({ ...outlook, relations }));

suite('whatever happens in between', () => {
  test('hooks end, every bag is shown at its latest version, and changed follows joined', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyOutlook, fc.nat(6))), anyOutlook, (history, last) => {
        // Given an agent that has run some hooks of each of several worlds, a broken relation never coming back
        let memory = blankMemory;
        const events: HookEvent[] = [];
        const step = (seen: Outlook) => {
          const alive = {
            ...seen,
            relations: seen.relations.filter(({ id }) => !memory.relations.get(id)?.broken),
          };
          const event = nextHook(memory, alive);
          if (!event) return false;
          events.push(event);
          memory = remember(memory, alive, event);
          return true;
        };
        for (const [seen, count] of history) for (let n = 0; n < count; n += 1) step(seen);
        // When the world stays as it is
        while (step(last)) assert.ok(events.length < 1000);
        // Then the charm knows all of it
        for (const { id, life, members, appVersion } of last.relations) {
          const known = memory.relations.get(id);
          if (!known) assert.equal(life, 'dying');
          else if (life === 'alive' && !known.broken) {
            assert.equal(known.appVersion, appVersion);
            assert.deepEqual(new Map([...known.members].sort()), new Map([...members].sort()));
          }
        }
        for (const [index, event] of events.entries()) {
          if (event.kind !== 'relation-joined') continue;
          const next = events
            .slice(index + 1)
            .find((one) => 'relationId' in one && one.relationId === event.relationId);
          if (next) assert.deepEqual(next, { ...event, kind: 'relation-changed' });
        }
      }),
    );
  });
});
