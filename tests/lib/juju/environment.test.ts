import assert from 'node:assert/strict';
import fc from 'fast-check';
import { HookEnvironmentError, type HookEvent, parseHookContext } from '#lib/juju';

const base = {
  JUJU_UNIT_NAME: 'tempo/2',
  JUJU_MODEL_NAME: 'cos',
  JUJU_MODEL_UUID: 'cdac5656-2423-4388-8f30-41854b4cca7d',
  JUJU_CHARM_DIR: '/var/lib/juju/agents/unit-tempo-2/charm',
  JUJU_VERSION: '3.6.2',
  JUJU_CONTEXT_ID: 'tempo/2-install-1',
  JUJU_MACHINE_ID: '',
  JUJU_PRINCIPAL_UNIT: '',
  JUJU_AVAILABILITY_ZONE: '',
  JUJU_API_ADDRESSES: '10.0.0.5:17070 10.0.0.6:17070',
};
const db = { JUJU_RELATION: 'db', JUJU_RELATION_ID: 'db:3', JUJU_REMOTE_APP: 'pg' };
const dbFields = { endpoint: 'db', relationId: 3, remoteApp: 'pg' };

suite('parseHookContext', () => {
  test('says who and where this unit is; what Juju leaves empty is absent', () => {
    assert.deepEqual(parseHookContext({ ...base, JUJU_HOOK_NAME: 'install' }), {
      unit: 'tempo/2',
      app: 'tempo',
      unitNumber: 2,
      modelName: 'cos',
      modelUuid: 'cdac5656-2423-4388-8f30-41854b4cca7d',
      charmDir: '/var/lib/juju/agents/unit-tempo-2/charm',
      jujuVersion: '3.6.2',
      contextId: 'tempo/2-install-1',
      apiAddresses: ['10.0.0.5:17070', '10.0.0.6:17070'],
      event: { kind: 'install' },
    });
    const { machineId, principalUnit } = parseHookContext({
      ...base,
      JUJU_MACHINE_ID: '0/lxd/1',
      JUJU_PRINCIPAL_UNIT: 'web/0',
    });
    assert.deepEqual([machineId, principalUnit], ['0/lxd/1', 'web/0']);
  });

  const events: readonly [string, Record<string, string>, HookEvent][] = [
    ['leader-elected', {}, { kind: 'leader-elected' }],
    ['db-relation-created', { ...db, JUJU_REMOTE_UNIT: '' }, { kind: 'relation-created', ...dbFields }],
    [
      'db-relation-joined',
      { ...db, JUJU_REMOTE_UNIT: 'pg/0' },
      { kind: 'relation-joined', ...dbFields, remoteUnit: 'pg/0' },
    ],
    [
      'db-relation-changed',
      { ...db, JUJU_REMOTE_UNIT: 'pg/0' },
      { kind: 'relation-changed', ...dbFields, remoteUnit: 'pg/0' },
    ],
    ['db-relation-changed', { ...db, JUJU_REMOTE_UNIT: '' }, { kind: 'relation-changed', ...dbFields }],
    [
      'db-relation-departed',
      { ...db, JUJU_REMOTE_UNIT: 'pg/0', JUJU_DEPARTING_UNIT: 'tempo/2' },
      { kind: 'relation-departed', ...dbFields, remoteUnit: 'pg/0', departingUnit: 'tempo/2' },
    ],
    [
      'db-relation-broken',
      { ...db, JUJU_REMOTE_APP: '', JUJU_REMOTE_UNIT: '' },
      { kind: 'relation-broken', ...dbFields, remoteApp: '' },
    ],
    [
      'my-db.v2-relation-created',
      { JUJU_RELATION: 'my-db.v2', JUJU_RELATION_ID: 'my-db.v2:10', JUJU_REMOTE_APP: 'pg' },
      { kind: 'relation-created', endpoint: 'my-db.v2', relationId: 10, remoteApp: 'pg' },
    ],
    [
      'secret-changed',
      { JUJU_SECRET_ID: 'secret:abc', JUJU_SECRET_LABEL: '' },
      { kind: 'secret-changed', secretId: 'secret:abc', label: '' },
    ],
    [
      'secret-expired',
      { JUJU_SECRET_ID: 'secret:abc', JUJU_SECRET_LABEL: 'x', JUJU_SECRET_REVISION: '2' },
      { kind: 'secret-expired', secretId: 'secret:abc', label: 'x', revision: 2 },
    ],
    [
      'my-data-storage-attached',
      { JUJU_STORAGE_ID: 'my-data/0', JUJU_STORAGE_LOCATION: '/mnt', JUJU_STORAGE_KIND: 'filesystem' },
      { kind: 'storage-attached', storage: 'my-data', storageId: 'my-data/0', location: '/mnt' },
    ],
    ['my-app-pebble-ready', { JUJU_WORKLOAD_NAME: 'my-app' }, { kind: 'pebble-ready', workload: 'my-app' }],
    [
      'app-pebble-custom-notice',
      {
        JUJU_WORKLOAD_NAME: 'app',
        JUJU_NOTICE_ID: '1',
        JUJU_NOTICE_TYPE: 'custom',
        JUJU_NOTICE_KEY: 'a.b/c',
      },
      {
        kind: 'pebble-custom-notice',
        workload: 'app',
        noticeId: '1',
        noticeType: 'custom',
        noticeKey: 'a.b/c',
      },
    ],
    [
      'app-pebble-check-failed',
      { JUJU_WORKLOAD_NAME: 'app', JUJU_PEBBLE_CHECK_NAME: 'up' },
      { kind: 'pebble-check-failed', workload: 'app', checkName: 'up' },
    ],
    [
      '',
      { JUJU_ACTION_NAME: 'backup', JUJU_ACTION_UUID: '12', JUJU_ACTION_TAG: 'action-12' },
      { kind: 'action', action: 'backup', actionId: '12' },
    ],
    ['', {}, { kind: 'exec' }],
    ['meter-status-changed', {}, { kind: 'unknown', hook: 'meter-status-changed' }],
  ];
  for (const [hook, variables, event] of events) {
    test(`${hook || 'no hook'} with ${Object.keys(variables).length} variables is ${event.kind}`, () => {
      const context = parseHookContext({ ...base, JUJU_HOOK_NAME: hook, ...variables });
      assert.deepEqual(context.event, event);
    });
  }

  test('an environment that is not Juju’s is refused, saying what is missing', () => {
    assert.throws(
      () => parseHookContext({ ...base, JUJU_UNIT_NAME: 'tempo', JUJU_MODEL_UUID: undefined }),
      (error) =>
        error instanceof HookEnvironmentError &&
        /JUJU_UNIT_NAME makes no sense, JUJU_MODEL_UUID is missing.*run by Juju, not by hand/.test(
          error.message,
        ),
    );
    assert.throws(
      () => parseHookContext({ ...base, JUJU_HOOK_NAME: 'db-relation-joined' }),
      HookEnvironmentError,
    );
  });

  test('whatever the environment, it is read or refused', () => {
    const names = [...Object.keys(base), ...Object.keys(db), 'JUJU_HOOK_NAME', 'JUJU_REMOTE_UNIT'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (env) => {
        try {
          parseHookContext({ ...base, ...env });
        } catch (error) {
          assert.ok(error instanceof HookEnvironmentError);
        }
      }),
    );
  });
});
