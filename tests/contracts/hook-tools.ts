import assert from 'node:assert/strict';
import { type HookEvent, type HookToolErrorCode, type HookTools, isHookToolError } from '#lib/juju';
import { type Changes, noChanges, relation, type StateDraft, state, type UnitState } from '#lib/juju/testing';

/** Hook tools over a state, within one hook. */
export interface OpenedHook {
  readonly tools: HookTools;
  /** Ends the hook with success; rejects when Juju would refuse to commit. */
  finish(): Promise<Changes>;
}

export type OpenHook = (state: UnitState, event: HookEvent) => Promise<OpenedHook>;

const mine = 'mine0000000000000001';
const apps = 'apps0000000000000001';
const theirs = 'them0000000000000001';
const denied = 'deny0000000000000001';
const absent = 'none0000000000000001';

const db = relation({
  id: 3,
  endpoint: 'db',
  remoteApp: 'pg',
  localAppData: { said: 'app' },
  localUnitData: { said: 'unit' },
  remoteAppData: { version: '16' },
  remoteUnitsData: { 'pg/10': { at: 'ten' }, 'pg/2': { at: 'two' } },
});
const peers = relation({
  id: 1,
  endpoint: 'peers',
  peer: true,
  localAppData: { shared: 'yes' },
  remoteUnitsData: { 'web/1': { port: '81' } },
});

function world(draft: StateDraft = {}): UnitState {
  return state({
    unit: 'web/0',
    relations: [db, peers, relation({ id: 12, endpoint: 'db', remoteApp: 'mysql' })],
    secrets: [
      {
        id: mine,
        owner: { kind: 'unit', name: 'web/0' },
        revisions: [{ revision: 1, content: { password: 'old' } }],
        granted: true,
        trackedRevision: 1,
        label: 'own',
      },
      {
        id: apps,
        owner: { kind: 'application', name: 'web' },
        revisions: [{ revision: 1, content: { password: 'app' } }],
        granted: true,
        trackedRevision: 1,
      },
      {
        id: theirs,
        owner: { kind: 'application', name: 'pg' },
        revisions: [
          { revision: 1, content: { password: 'first' } },
          { revision: 2, content: { password: 'second' } },
        ],
        granted: true,
        trackedRevision: 1,
      },
      {
        id: denied,
        owner: { kind: 'application', name: 'pg' },
        revisions: [{ revision: 1, content: { password: 'hidden' } }],
        granted: false,
      },
    ],
    ...draft,
  });
}

async function rejects(call: Promise<unknown>, code: HookToolErrorCode, exitCode?: number): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(isHookToolError(error), String(error));
    assert.deepEqual({ code: error.code, message: error.message }, { code, message: error.message });
    if (exitCode !== undefined) assert.equal(error.exitCode, exitCode, error.message);
    return true;
  });
}

/**
 * What every implementation of {@link HookTools} does alike, stated by what a charm can see.
 * @param open - starts a hook in a given state
 */
export function hookToolsContract(name: string, open: OpenHook): void {
  const event: HookEvent = { kind: 'update-status' };
  const leader = (draft: StateDraft = {}) => open(world({ leader: true, ...draft }), event);
  const follower = (draft: StateDraft = {}) => open(world(draft), event);

  suite(`hook tools: ${name}`, () => {
    suite('relations', () => {
      test('ids go up as numbers, and an unknown endpoint has none', async () => {
        const { tools } = await follower();
        assert.deepEqual(await tools.relationIds('db'), [3, 12]);
        assert.deepEqual(await tools.relationIds('nowhere'), []);
      });

      test('members are ordered by unit number, and the application is known without members', async () => {
        const { tools } = await follower();
        assert.deepEqual(await tools.relationList(3), ['pg/2', 'pg/10']);
        assert.deepEqual(await tools.relationList(12), []);
        assert.equal(await tools.relationListApp(12), 'mysql');
        assert.equal(await tools.relationListApp(1), 'web');
      });

      test('an unknown relation is gone, and Juju says so while it parses arguments', async () => {
        const { tools } = await follower();
        await rejects(tools.relationList(99), 'RELATION_GONE', 2);
        await rejects(tools.relationGet({ relationId: 99, of: 'pg' }), 'RELATION_GONE', 2);
        await rejects(tools.relationSet({ relationId: 99, data: { a: 'b' } }), 'RELATION_GONE', 2);
      });

      const readable: readonly [
        string,
        'leader' | 'follower',
        number,
        string,
        Record<string, string> | null,
      ][] = [
        ['own unit', 'follower', 3, 'web/0', { said: 'unit' }],
        ['own application', 'leader', 3, 'web', { said: 'app' }],
        ['own application', 'follower', 3, 'web', null],
        ['own application among peers', 'follower', 1, 'web', { shared: 'yes' }],
        ['remote unit', 'follower', 3, 'pg/10', { at: 'ten' }],
        ['remote application', 'follower', 3, 'pg', { version: '16' }],
        ['sibling among peers', 'follower', 1, 'web/1', { port: '81' }],
        ['unrelated application', 'leader', 3, 'mysql', null],
        ['unrelated unit', 'leader', 3, 'mysql/0', null],
      ];
      for (const [bag, role, relationId, of, data] of readable) {
        test(`a ${role} ${data ? 'reads' : 'may not read'} the bag of its ${bag}`, async () => {
          const { tools } = await (role === 'leader' ? leader() : follower());
          const read = tools.relationGet({ relationId, of });
          if (data) assert.deepEqual(await read, data);
          else await rejects(read, 'PERMISSION_DENIED', 1);
        });
      }

      test('a unit that never joined has no databag', async () => {
        const { tools } = await follower();
        await rejects(tools.relationGet({ relationId: 3, of: 'pg/77' }), 'FAILED', 1);
      });

      test('a follower may not write for its application, not even to peers', async () => {
        const { tools, finish } = await follower();
        await rejects(tools.relationSet({ relationId: 3, app: true, data: { a: 'b' } }), 'NOT_LEADER', 1);
        await rejects(tools.relationSet({ relationId: 1, app: true, data: { a: 'b' } }), 'NOT_LEADER', 1);
        assert.deepEqual(await finish(), noChanges);
      });

      test('writes are read back, and an empty value deletes', async () => {
        const { tools, finish } = await leader();
        await tools.relationSet({ relationId: 3, data: { a: ' spaced ', said: '' } });
        await tools.relationSet({ relationId: 3, app: true, data: { json: '{"<":"é😀"}' } });
        assert.deepEqual(await tools.relationGet({ relationId: 3, of: 'web/0' }), { a: ' spaced ' });
        assert.deepEqual(await tools.relationGet({ relationId: 3, of: 'web' }), {
          said: 'app',
          json: '{"<":"é😀"}',
        });
        assert.deepEqual((await finish()).relationSettings, [
          { relationId: 3, bag: 'app', set: { json: '{"<":"é😀"}' } },
          { relationId: 3, bag: 'unit', set: { a: ' spaced ', said: '' } },
        ]);
      });

      test('writing what is there, or writing and taking back, changes nothing', async () => {
        const { tools, finish } = await leader();
        await tools.relationSet({ relationId: 3, data: { said: 'unit', gone: '' } });
        await tools.relationSet({ relationId: 3, app: true, data: { said: 'new' } });
        await tools.relationSet({ relationId: 3, app: true, data: { said: 'app' } });
        assert.deepEqual(await finish(), noChanges);
      });

      test('__proto__ and other names of Object.prototype are keys like others', async () => {
        const { tools } = await follower();
        const data = JSON.parse('{"__proto__":"p","constructor":"c","toString":"t"}');
        await tools.relationSet({ relationId: 12, data });
        assert.deepEqual(
          Object.entries(await tools.relationGet({ relationId: 12, of: 'web/0' })).sort(),
          Object.entries(data).sort(),
        );
      });
    });

    suite('status and leadership', () => {
      test('status-get says for the whole hook what it said first', async () => {
        const { tools } = await follower({ unitStatus: { status: 'active', message: 'up' } });
        assert.deepEqual(await tools.statusGet(), { status: 'active', message: 'up' });
        await tools.statusSet('blocked', 'no');
        assert.deepEqual(await tools.statusGet(), { status: 'active', message: 'up' });
      });

      test('only the leader sees and sets the status of its application', async () => {
        const { tools } = await follower();
        assert.equal(await tools.isLeader(), false);
        await rejects(tools.applicationStatusSet('active'), 'NOT_LEADER', 1);
        await rejects(tools.applicationStatusGet(), 'NOT_LEADER', 1);
      });

      test('the leader gets its application status with the units', async () => {
        const { tools } = await leader({ applicationStatus: { status: 'waiting', message: 'for pg' } });
        assert.equal(await tools.isLeader(), true);
        const { units, ...status } = await tools.applicationStatusGet();
        assert.deepEqual(status, { status: 'waiting', message: 'for pg' });
        assert.ok(Object.hasOwn(units, 'web/0'));
      });
    });

    suite('secrets', () => {
      test('a new secret can be read, found by its label, and listed', async () => {
        const { tools, finish } = await leader();
        const content = { password: ' s3cret\n', 'user-name': '=x' };
        const uri = await tools.secretAdd(content, { label: 'fresh', owner: 'unit', rotate: 'daily' });
        assert.match(uri, /^secret:[a-z0-9]{20}$/);
        assert.deepEqual(await tools.secretGet({ uri }), content);
        assert.deepEqual(await tools.secretGet({ label: 'fresh' }), content);
        assert.ok((await tools.secretIds()).includes(uri.slice('secret:'.length)));
        const info = await tools.secretInfoGet({ label: 'fresh' });
        assert.deepEqual([info.revision, info.owner, info.rotation], [1, 'unit', 'daily']);
        assert.deepEqual(
          (await finish()).secrets.map(({ kind }) => kind),
          ['add'],
        );
      });

      test('an update shows to peek and refresh, not to a plain read', async () => {
        const { tools, finish } = await follower();
        const uri = `secret:${mine}`;
        await tools.secretSet(uri, { content: { password: 'new' } });
        assert.deepEqual(await tools.secretGet({ uri }), { password: 'old' });
        assert.deepEqual(await tools.secretGet({ uri }, { peek: true }), { password: 'new' });
        assert.deepEqual(await tools.secretGet({ uri }, { refresh: true }), { password: 'new' });
        assert.deepEqual((await finish()).secrets, [
          { kind: 'set', id: mine, content: { password: 'new' }, metadata: {} },
        ]);
      });

      test('the same content again is no update', async () => {
        const { tools, finish } = await follower();
        await tools.secretSet(`secret:${mine}`, { content: { password: 'old' } });
        assert.deepEqual(await finish(), noChanges);
      });

      test('a consumer reads its revision, looks ahead by peek, and moves on by refresh', async () => {
        const { tools } = await follower();
        const reference = { uri: `secret:${theirs}` };
        assert.deepEqual(await tools.secretGet(reference), { password: 'first' });
        assert.deepEqual(await tools.secretGet(reference, { peek: true }), { password: 'second' });
        assert.deepEqual(await tools.secretGet(reference), { password: 'first' });
        assert.deepEqual(await tools.secretGet(reference, { refresh: true }), { password: 'second' });
        assert.deepEqual(await tools.secretGet(reference), { password: 'second' });
      });

      test('URI and label together teach the label', async () => {
        const { tools } = await follower();
        await tools.secretGet({ uri: `secret:${theirs}`, label: 'pg' });
        assert.deepEqual(await tools.secretGet({ label: 'pg' }), { password: 'first' });
      });

      const refused: readonly [string, (tools: HookTools) => Promise<unknown>, HookToolErrorCode, number][] =
        [
          ['an unknown secret', (t) => t.secretGet({ uri: `secret:${absent}` }), 'SECRET_NOT_FOUND', 1],
          ['an unknown label', (t) => t.secretGet({ label: 'who' }), 'SECRET_NOT_FOUND', 1],
          ['what is no URI', (t) => t.secretGet({ uri: 'secret:!' }), 'SECRET_NOT_FOUND', 2],
          ['a secret that was not granted', (t) => t.secretGet({ uri: denied }), 'PERMISSION_DENIED', 1],
          [
            'the metadata of a foreign secret',
            (t) => t.secretInfoGet({ uri: theirs }),
            'SECRET_NOT_FOUND',
            1,
          ],
          [
            'granting a foreign secret',
            (t) => t.secretGrant(theirs, { relationId: 3 }),
            'SECRET_NOT_FOUND',
            1,
          ],
          ['granting to no relation', (t) => t.secretGrant(mine, { relationId: 99 }), 'RELATION_GONE', 2],
          ['a secret for the application', (t) => t.secretAdd({ password: 'x' }), 'NOT_LEADER', 1],
          ['a key of two characters', (t) => t.secretAdd({ ab: 'x' }, { owner: 'unit' }), 'FAILED', 2],
          ['an empty secret', (t) => t.secretAdd({}, { owner: 'unit' }), 'FAILED', 2],
          [
            'a peek that refreshes',
            (t) => t.secretGet({ uri: mine }, { peek: true, refresh: true }),
            'FAILED',
            2,
          ],
        ];
      for (const [what, call, code, exitCode] of refused) {
        test(`a follower is refused ${what}: ${code}`, async () => {
          const { tools } = await follower();
          await rejects(call(tools), code, exitCode);
        });
      }

      test('a follower owns only its own, the leader its application’s too', async () => {
        assert.deepEqual(await (await follower()).tools.secretIds(), [mine]);
        assert.deepEqual(await (await leader()).tools.secretIds(), [apps, mine]);
      });

      test('changing a foreign secret passes the tool and fails the hook', async () => {
        const { tools, finish } = await follower();
        await tools.secretSet(`secret:${apps}`, { content: { password: 'mine now' } });
        await assert.rejects(finish());
      });

      test('grants, revocations and removals are buffered in order', async () => {
        const { tools, finish } = await follower();
        await tools.secretGrant(`secret:${mine}`, { relationId: 3 });
        await tools.secretGrant(`secret:${mine}`, { relationId: 3 });
        await tools.secretRevoke(`secret:${mine}`, { relationId: 12 });
        await tools.secretRemove(`secret:${mine}`, { revision: 1 });
        assert.deepEqual((await finish()).secrets, [
          { kind: 'grant', id: mine, relationId: 3 },
          { kind: 'revoke', id: mine, from: { relationId: 12 } },
          { kind: 'remove', id: mine, revision: 1 },
        ]);
      });
    });

    suite('ports, state, config and the rest', () => {
      test('ports opened and closed show at once', async () => {
        const { tools, finish } = await follower({ openedPorts: [{ protocol: 'tcp', from: 80, to: 80 }] });
        await tools.openPort({ protocol: 'udp', from: 100, to: 110 });
        await tools.openPort({ protocol: 'icmp' });
        await tools.openPort({ protocol: 'tcp', from: 443, to: 443, endpoints: ['db'] });
        await tools.closePort({ protocol: 'tcp', from: 80 });
        const now = [
          { protocol: 'tcp', from: 443, to: 443, endpoints: ['db'] },
          { protocol: 'udp', from: 100, to: 110 },
          { protocol: 'icmp' },
        ];
        assert.deepEqual(await tools.openedPorts(), now);
        const { openPorts, closePorts } = await finish();
        assert.deepEqual(openPorts, now);
        assert.deepEqual(closePorts, [{ protocol: 'tcp', from: 80, to: 80 }]);
      });

      test('a range that overlaps another is refused', async () => {
        const { tools } = await follower({ openedPorts: [{ protocol: 'tcp', from: 85, to: 95 }] });
        await rejects(tools.openPort({ protocol: 'tcp', from: 80, to: 90 }), 'FAILED', 1);
        await tools.openPort({ protocol: 'udp', from: 80, to: 90 });
        await tools.openPort({ protocol: 'tcp', from: 85, to: 95 });
      });

      test('state is {} at first, and is read as written', async () => {
        const { tools, finish } = await follower();
        assert.deepEqual(await tools.stateGet(), {});
        await tools.stateSet({ a: ' 1\n', b: '2' });
        await tools.stateDelete('b');
        assert.deepEqual(await tools.stateGet(), { a: ' 1\n' });
        assert.deepEqual((await finish()).stored, { set: { a: ' 1\n' }, deleted: [] });
      });

      test('a state value over 64 KiB is refused at once', async () => {
        const { tools } = await follower();
        await rejects(tools.stateSet({ big: 'x'.repeat(65_537) }), 'FAILED', 1);
      });

      test('config keeps its types', async () => {
        const { tools } = await follower({ config: { name: 'x', size: 3, ratio: 0.5, on: true } });
        assert.deepEqual(await tools.configGet(), { name: 'x', size: 3, ratio: 0.5, on: true });
      });

      test('an action’s tools do nothing elsewhere', async () => {
        const { tools } = await follower();
        await rejects(tools.actionGet(), 'NOT_AVAILABLE', 1);
        await rejects(tools.actionSet({ a: 'b' }), 'NOT_AVAILABLE', 1);
        await rejects(tools.actionFail('x'), 'NOT_AVAILABLE', 1);
      });

      test('an action reads its parameters with their types', async () => {
        const parameters = { deep: { list: [1, 'two', null] }, all: true };
        const { tools } = await open(world({ actionParameters: parameters }), {
          kind: 'action',
          action: 'explain',
          actionId: '7',
        });
        assert.deepEqual(await tools.actionGet(), parameters);
        await rejects(tools.actionSet({ Upper: 'x' }), 'FAILED', 2);
        await rejects(tools.actionSet({ stdout: 'x' }), 'FAILED', 2);
        await tools.actionSet({ 'links.total': '2', '0': '=' });
      });

      test('the network of a binding, and of none', async () => {
        const { tools } = await follower();
        assert.deepEqual((await tools.networkGet('db')).ingressAddresses, ['10.0.0.1']);
        assert.equal(await tools.unitGet('private-address'), '10.0.0.1');
        await rejects(tools.unitGet('public-address'), 'FAILED', 1);
      });
    });
  });
}
