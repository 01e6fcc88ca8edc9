import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Databag, HookEvent } from '#lib/juju';
import { noChanges, type RelationDraft, type UnitState } from '#lib/juju/testing';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import {
  credentialsUri,
  exchange,
  gatewayWorld,
  grafanaSource,
  relationEvent,
  runCharm,
  source,
} from './worlds.ts';

const anyName = fc.constantFrom('tempo', 'mimir', 'loki', 'app');
const anyGrafanaUid = fc.constantFrom('g1', 'g2');
const anyUrl = fc.constantFrom('http://a', 'http://a/', 'http://b:1', 'c:80', 'ftp://d', '');
const broken = fc.constantFrom('{', '[]', '5', 'null', '""', '{"a":{}}', '[[]]', '{"__proto__":{"x":1}}');
const anyFields = fc.option(
  fc.dictionary(
    fc.constantFrom('httpMethod', 'serviceMap', 'crosslink', '__proto__', 'q'),
    fc.jsonValue({ maxDepth: 2 }),
    {
      maxKeys: 3,
    },
  ),
);
const anySecrets = fc.option(fc.dictionary(fc.constantFrom('one', 'two'), fc.constantFrom('', 'v1', 'v2')));

/** Secrets that are there in every world: by id, whose, with what, and whether it can be read. */
const secrets = (
  [
    ['operatorsgood0000000', '{"one":"v3","three":"v3"}', true],
    ['operatorsbad00000000', 'one: [', true],
    ['operatorsdenied00000', '{"one":"v3"}', false],
    ['sourcesgood000000000', '{"two":"v4","four":"v4"}', true],
    ['sourcesbad0000000000', '{"two":4}', true],
    ['sourcesdenied0000000', '{"two":"v4"}', false],
  ] as const
).map(([id, text, granted]) => {
  const owner = id.startsWith('source')
    ? ({ kind: 'application', name: 'tempo' } as const)
    : ({ kind: 'model' } as const);
  const key = id.startsWith('source') ? 'secure-extra-fields' : 'secure-json-data';
  return { id, owner, granted, revisions: [{ revision: 1, content: { [key]: text } }] };
});
const secretUris = (whose: 'operators' | 'sources') => [
  ...secrets.flatMap(({ id }) => (id.startsWith(whose) ? [`secret:${id}`] : [])),
  'secret:nobodyknows000000000',
  'no uri',
  '',
];

const anySource: fc.Arbitrary<RelationDraft> = fc
  .record({
    remoteApp: anyName.filter((name) => name !== 'app'),
    app: anyUrl,
    units: fc.dictionary(fc.constantFrom('0', '1', '10'), anyUrl),
    secret: fc.oneof(
      { weight: 2, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.constantFrom(...secretUris('sources')) },
    ),
    data: fc.oneof(
      { weight: 1, arbitrary: broken },
      {
        weight: 4,
        arbitrary: fc.record({
          type: fc.constantFrom('tempo', 'prometheus', 'phlare', 'unheard-of'),
          application: anyName,
          extra_fields: anyFields,
          secure_extra_fields: anySecrets,
        }),
      },
    ),
  })
  .map(({ remoteApp, secret, ...given }) => {
    const draft = source(remoteApp, given);
    return secret === ''
      ? draft
      : { ...draft, remoteAppData: { ...draft.remoteAppData, grafana_source_secret: secret } };
  });

const anyAnswer: fc.Arbitrary<Databag> = fc.record(
  {
    grafana_uid: anyGrafanaUid,
    datasource_uids: fc.oneof(
      fc.constantFrom('{}', '{"app/0": "u0"}', '{"app/0": "u0", "x/1": "u1"}'),
      broken,
    ),
    app_datasource_uid: fc.constantFrom('ua', 'ub'),
    grafana_base_url: fc.constant('http://g'),
    grafana_source_secret: fc.constantFrom('secret:anothersecret0000000', 'no uri'),
    unknown: fc.constant('x'),
  },
  { requiredKeys: [] },
);

const anyPeer: fc.Arbitrary<RelationDraft> = fc
  .record({
    remoteApp: anyName.filter((name) => name !== 'app'),
    endpoint: fc.constantFrom('receive-datasource', 'send-datasource'),
    entries: fc.oneof(
      broken,
      fc.array(
        fc.tuple(
          fc.constantFrom('prometheus', 'loki', 'tempo'),
          fc.constantFrom('a-0', 'a-10', 'a-2', ''),
          anyGrafanaUid,
        ),
        { maxLength: 4 },
      ),
    ),
  })
  .map(({ remoteApp, endpoint, entries }) => exchange(remoteApp, entries, { endpoint }));

const anyRelations = fc.record({
  sources: fc.array(anySource, { maxLength: 3 }),
  grafanas: fc.array(
    fc
      .tuple(fc.constantFrom('grafana', 'other'), anyAnswer)
      .map(([name, answer]) => grafanaSource(name, answer)),
    { maxLength: 2 },
  ),
  peers: fc.array(anyPeer, { maxLength: 3 }),
});

const anyConfig = fc.record(
  {
    'datasource-type': fc.constantFrom('tempo', 'loki', 'mimir', 'nothing', ''),
    'datasource-url': fc.constantFrom('http://t', 'http://t-{unit}', 'http://{address}:1', '{x}', ''),
    'grafana-uid': fc.constantFrom('g1', ''),
    'secure-json-data': fc.constantFrom(...secretUris('operators')),
  },
  { requiredKeys: [] },
);

const anySeeds = fc.subarray([
  { name: 'By hand', type: 'tempo', uid: 'by-hand' },
  { name: 'Tempo', type: 'tempo', uid: 'read-only', readOnly: true },
  { name: 'Odd', type: 'loki', uid: 'odd', jsonData: { crosslink: { gateway: 5 } } },
]);

const anyWorld = fc.record({
  leader: fc.boolean(),
  isGateway: fc.boolean(),
  granted: fc.constantFrom(true, true, true, false),
  unit: fc.constantFrom('app/0' as const, 'app/1' as const),
  config: anyConfig,
  relations: anyRelations,
  seeds: anySeeds,
});

type Drawn = typeof anyWorld extends fc.Arbitrary<infer T> ? T : never;

/** Runs with the drawn world, its Grafana included. */
async function within(
  { isGateway, relations: { sources, grafanas, peers }, seeds, config, ...rest }: Drawn,
  use: (given: UnitState, grafana: EmbeddedGrafana) => Promise<void>,
): Promise<void> {
  const grafana = await EmbeddedGrafana.start({ seed: seeds });
  try {
    const gateway = isGateway
      ? { 'grafana-url': grafana.url, 'grafana-token': credentialsUri }
      : { 'grafana-url': '', 'grafana-token': '' };
    const relations = [...sources, ...grafanas, ...peers];
    const given = gatewayWorld(grafana, relations, { ...rest, config: { ...config, ...gateway } });
    await use({ ...given, secrets: [...given.secrets, ...secrets] }, grafana);
  } finally {
    await grafana.stop();
  }
}

/** Events that leave the world as it is. */
function eventsIn({ relations }: UnitState): HookEvent[] {
  const related = relations
    .filter(({ peer }) => !peer)
    .flatMap((one) => [
      relationEvent('relation-created', one),
      ...(`${one.remoteApp}/0` in one.remoteUnitsData ? [relationEvent('relation-changed', one)] : []),
    ]);
  return [{ kind: 'update-status' }, { kind: 'leader-elected' }, { kind: 'install' }, ...related];
}

suite('charm: for any world', () => {
  test('config-changed leaves nothing to do for a second one, or for any other hook', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, (drawn) =>
        within(drawn, async (given, grafana) => {
          const first = await runCharm('config-changed', given);
          grafana.clearRequests();
          for (const event of [{ kind: 'config-changed' } as const, ...eventsIn(first.state)]) {
            const second = await runCharm(event, first.state);
            assert.deepEqual(second.changes, noChanges, event.kind);
            assert.deepEqual(grafana.writes, [], event.kind);
            assert.deepEqual(second.state.unitStatus, first.state.unitStatus, event.kind);
            assert.deepEqual(second.statuses, [], event.kind);
          }
        }),
      ),
      { numRuns: 150 },
    );
  });

  test('what others made in Grafana stays as it is', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, (drawn) =>
        within(drawn, async (given, grafana) => {
          const before = grafana.datasources();
          await runCharm('config-changed', given);
          const uids = new Set(before.map(({ uid }) => uid));
          assert.deepEqual(
            grafana.datasources().filter(({ uid }) => uids.has(uid)),
            before,
          );
        }),
      ),
      { numRuns: 50 },
    );
  });

  test('the order in which relations were listed makes no difference', async () => {
    const reversed = (given: UnitState): UnitState => ({ ...given, relations: given.relations.toReversed() });
    await fc.assert(
      fc.asyncProperty(anyWorld, (drawn) =>
        within({ ...drawn, isGateway: false }, async (given) => {
          const forth = await runCharm('config-changed', given);
          const back = await runCharm('config-changed', reversed(given));
          assert.deepEqual(reversed(back.state), forth.state);
        }),
      ),
      { numRuns: 50 },
    );
  });
});
