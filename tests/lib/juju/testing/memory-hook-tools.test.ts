import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LogLevel, Status } from '#lib/juju';
import {
  applyChanges,
  MemoryHookTools,
  noChanges,
  relation,
  type SecretTracking,
  state,
} from '#lib/juju/testing';
import { hookToolsContract } from '../../../contracts/hook-tools.ts';

hookToolsContract('in memory', async (given, event) => {
  const tools = new MemoryHookTools(given, { event });
  return { tools, finish: async () => tools.changes() };
});

suite('MemoryHookTools', () => {
  const db = relation({ id: 3, endpoint: 'db' });

  test('leadership that was lost stays lost for the hook', async () => {
    const answers = [true, false, true];
    const tools = new MemoryHookTools(state(), { effects: { isLeader: () => answers.shift() ?? true } });
    assert.deepEqual(
      [await tools.isLeader(), await tools.isLeader(), await tools.isLeader()],
      [true, false, false],
    );
  });

  test('leadership lost after writing for the application fails the commit', async () => {
    let leader = true;
    const given = state({ leader, relations: [db] });
    const tools = new MemoryHookTools(given, { effects: { isLeader: () => leader } });
    await tools.relationSet({ relationId: 3, app: true, data: { a: 'b' } });
    leader = false;
    assert.throws(() => tools.changes(), { code: 'NOT_LEADER', message: 'cannot write relation settings' });
  });

  test('errors speak Juju’s words', async () => {
    const tools = new MemoryHookTools(
      state({ unit: 'a/0', openedPorts: [{ protocol: 'tcp', from: 85, to: 85 }] }),
    );
    const cases: [Promise<unknown>, string][] = [
      [tools.relationList(9), 'invalid value "9" for option -r: relation not found'],
      [tools.secretGet({ label: 'x' }), 'consumer label "x" not found'],
      [tools.secretGet({ uri: 'x' }), 'secret URI "x" not valid'],
      [tools.applicationStatusGet(), 'finding application status: this unit is not the leader'],
      [tools.credentialGet(), 'cannot access cloud credentials: permission denied'],
      [
        tools.openPort({ protocol: 'tcp', from: 80, to: 90 }),
        'cannot open 80-90/tcp (unit "a/0"): port range conflicts with 85/tcp (unit "a/0")',
      ],
    ];
    for (const [call, message] of cases) await assert.rejects(call, { message });
  });

  test('what takes effect at once goes out at once', async () => {
    const seen: unknown[] = [];
    const tools = new MemoryHookTools(state({ leader: true, relations: [db] }), {
      event: { kind: 'relation-created', endpoint: 'db', relationId: 3, remoteApp: 'remote' },
      effects: {
        statusSet: (status: Status, scope) => seen.push([scope, status]),
        versionSet: (version) => seen.push(version),
        log: (level: LogLevel, message) => seen.push([level, message]),
        reboot: (now) => seen.push(now),
      },
    });
    await tools.statusSet('active', 'up');
    await tools.applicationStatusSet('waiting');
    await tools.applicationVersionSet('1.0');
    await tools.jujuLog('INFO', 'hello');
    await tools.jujuReboot();
    assert.deepEqual(seen, [
      ['unit', { status: 'active', message: 'up' }],
      ['application', { status: 'waiting', message: '' }],
      '1.0',
      ['INFO', 'db:3: hello'],
      false,
    ]);
    assert.deepEqual(tools.changes(), noChanges);
  });

  // juju/juju: apiserver/facades/agent/secretsmanager/secrets.go, getConsumedRevision
  test('a first read tracks the latest revision, be it a peek', async () => {
    const seen: SecretTracking[] = [];
    const id = 'abcdefghij0123456789';
    const given = state({
      secrets: [
        {
          id,
          owner: { kind: 'model' },
          granted: true,
          revisions: [{ revision: 4, content: { token: 'x' } }],
        },
      ],
    });
    const tools = new MemoryHookTools(given, { effects: { secretTracking: (one) => seen.push(one) } });
    await tools.secretGet({ uri: id }, { peek: true });
    assert.deepEqual(seen, [{ id, trackedRevision: 4 }]);
    await tools.secretGet({ uri: id, label: 'token' });
    await tools.secretGet({ uri: id, label: 'token' });
    assert.deepEqual(seen.slice(1), [{ id, label: 'token' }]);
  });

  test('results of an action nest by dots, the later winning', async () => {
    const tools = new MemoryHookTools(state({ actionParameters: {} }));
    await tools.actionSet({ 'links.total': '2', 'links.made': '1', note: 'x' });
    await tools.actionSet({ note: '', 'links.made.now': '3' });
    await tools.actionFail();
    assert.deepEqual(tools.action(), {
      results: { links: { total: '2', made: { now: '3' } }, note: '' },
      failure: 'action failed without reason given, check action for errors',
    });
  });

  test('state over 2 MiB is refused when the hook ends', async () => {
    const tools = new MemoryHookTools(state());
    const many = Array.from({ length: 33 }, (_, index) => [`k${index}`, 'x'.repeat(65_536)]);
    await tools.stateSet(Object.fromEntries(many));
    assert.throws(() => tools.changes(), { message: 'max allowed size (2097152) exceeded' });
  });

  const bag = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 4 }),
    fc.string({ minLength: 1, maxLength: 3 }),
    {
      noNullPrototype: true,
      maxKeys: 4,
    },
  );
  const data = fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), fc.string({ maxLength: 3 }), {
    noNullPrototype: true,
    maxKeys: 4,
  });
  const writes = fc.array(fc.record({ relationId: fc.constant(3), app: fc.boolean(), data }), {
    maxLength: 5,
  });

  test('committing the changes gives what reads saw', async () => {
    await fc.assert(
      fc.asyncProperty(bag, bag, writes, async (localAppData, localUnitData, sets) => {
        const given = state({ leader: true, relations: [{ ...db, localAppData, localUnitData }] });
        const tools = new MemoryHookTools(given);
        for (const set of sets) await tools.relationSet(set);
        const seen = {
          app: await tools.relationGet({ relationId: 3, of: 'app' }),
          unit: await tools.relationGet({ relationId: 3, of: 'app/0' }),
        };
        const [after] = applyChanges(given, tools.changes()).relations;
        assert.ok(after);
        const sorted = (values: object) => Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
        assert.deepEqual(sorted(after.localAppData), sorted(seen.app));
        assert.deepEqual(sorted(after.localUnitData), sorted(seen.unit));
        // The same again finds nothing left to change.
        const again = new MemoryHookTools({ ...given, relations: [after] });
        await again.relationSet({ relationId: 3, app: true, data: seen.app });
        await again.relationSet({ relationId: 3, data: seen.unit });
        assert.deepEqual(again.changes(), noChanges);
      }),
    );
  });
});
