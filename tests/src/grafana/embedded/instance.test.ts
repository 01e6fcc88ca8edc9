import assert from 'node:assert/strict';
import type { GrafanaInstanceOptions, Reply } from '#src/grafana/embedded';
import { EmbeddedGrafana, GrafanaInstance } from '#src/grafana/embedded';

const list = '/api/datasources';
const ofTempo = '/api/datasources/uid/tempo';
const seed = [
  { name: 'Tempo', type: 'tempo', uid: 'tempo', url: 'http://tempo', isDefault: true, jsonData: { a: 1 } },
  { name: 'Loki', type: 'loki', uid: 'loki', url: 'http://loki', secureJsonData: { password: 'hunter2' } },
  { name: 'Mimir', type: 'prometheus', uid: 'mimir', url: 'http://mimir' },
  { name: 'File', type: 'loki', uid: 'file', readOnly: true },
];

/** Asks as the Admin; `json` is the body. */
function ask(
  grafana: GrafanaInstance,
  method: string,
  target: string,
  { json = undefined as unknown, token = grafana.token } = {},
): Reply {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return grafana.answer({ method, target, headers, text: json === undefined ? '' : JSON.stringify(json) });
}

function bodyOf(reply: Reply): Record<string, unknown> {
  return JSON.parse(reply.body) as Record<string, unknown>;
}

/** A linear congruential generator: the same numbers for the same seed. */
function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

suite('a Grafana without I/O', () => {
  test('answers at once what it answers over HTTP', async () => {
    const grafana = await EmbeddedGrafana.start({ seed });
    try {
      for (const target of [list, ofTempo, '/api/health', '/api/frontend/settings', '/api/nothing']) {
        const authorization = `Bearer ${grafana.token}`;
        const overHttp = await fetch(grafana.url + target, { headers: { authorization } });
        const { status, body } = ask(grafana, 'GET', target);
        assert.deepEqual([status, body], [overHttp.status, await overHttp.text()], target);
      }
    } finally {
      await grafana.stop();
    }
  });

  test('knows the address that it is told', () => {
    const grafana = new GrafanaInstance({ origin: 'https://grafana.example.com', subPath: '/g' });
    assert.equal(grafana.url, 'https://grafana.example.com/g');
    const { appUrl, appSubUrl } = bodyOf(ask(grafana, 'GET', '/g/api/frontend/settings'));
    assert.deepEqual([appUrl, appSubUrl], ['https://grafana.example.com/g/', '/g']);
  });

  suite('by chance', () => {
    /** All that is made at random, in the order of the requests. */
    function made(options: GrafanaInstanceOptions): unknown {
      const grafana = new GrafanaInstance({ seed, ...options });
      const viewer = grafana.addToken({ role: 'Viewer' });
      const body = { type: 'tempo', access: 'proxy', url: 'http://tempo' };
      return [
        grafana.token,
        viewer,
        ask(grafana, 'POST', list, { json: { ...body, name: 'a' } }),
        ask(grafana, 'POST', list, { json: { ...body, name: 'b' } }),
        ask(grafana, 'POST', `${ofTempo}/correlations`, {
          json: { targetUID: 'loki', type: 'query', config: { type: 'query', field: 'f', target: {} } },
        }),
        ask(grafana, 'POST', list, { token: viewer }), // the 403 has an id
        ask(grafana, 'GET', list),
      ];
    }
    const clock = () => Date.UTC(2026, 0);

    for (const version of ['9.4.0', '9.5.0', '12.1.0']) {
      test(`the same numbers and clock give the same bytes in ${version}, others give others`, () => {
        const first = made({ version, clock, random: randomFrom(1) });
        assert.deepEqual(made({ version, clock, random: randomFrom(1) }), first);
        assert.notDeepEqual(made({ version, clock, random: randomFrom(2) }), first);
      });
    }

    test('without such numbers no two are alike', () => {
      assert.notDeepEqual(made({ clock }), made({ clock }));
    });

    test('tokens that are made so are let in', () => {
      const grafana = new GrafanaInstance({ random: randomFrom(3) });
      const token = grafana.addToken({ role: 'Viewer' });
      assert.equal(ask(grafana, 'GET', '/api/org', { token }).status, 200);
    });
  });

  suite('rows', () => {
    test('are the same objects, in the same array, until something is written', () => {
      const grafana = new GrafanaInstance({ seed });
      const before = grafana.rows();
      ask(grafana, 'GET', list);
      ask(grafana, 'PUT', ofTempo, { json: {} }); // refused
      assert.equal(grafana.rows(), before);
      grafana.bumpVersion('loki');
      const after = grafana.rows();
      assert.notEqual(after, before);
      const changed = after.filter((row) => !before.includes(row)).map(({ uid }) => uid);
      assert.deepEqual(changed, ['loki']);
      assert.deepEqual(
        before.map(({ version }) => version),
        [1, 1, 1, 1],
      );
    });

    test('that a new default takes the flag from are new as well, and no others', () => {
      const grafana = new GrafanaInstance({ seed });
      const before = grafana.rows();
      grafana.edit('loki', { isDefault: true });
      const changed = grafana.rows().filter((row) => !before.includes(row));
      assert.deepEqual(
        changed.map(({ uid, isDefault }) => [uid, isDefault]),
        [
          ['loki', true],
          ['tempo', false],
        ],
      );
    });
  });

  suite('backups', () => {
    test('bring back datasources and correlations as they were, whatever was written since', () => {
      const grafana = new GrafanaInstance({ seed });
      grafana.seedCorrelation({ sourceUID: 'tempo', targetUID: 'loki' });
      const held = () => [grafana.rows(), grafana.correlations(), ask(grafana, 'GET', list).body];
      const before = held();
      const backup = grafana.backup();
      for (let time = 0; time < 2; time++) {
        grafana.edit('tempo', { name: 'Renamed', jsonData: { b: 2 } });
        grafana.seedCorrelation({ sourceUID: 'mimir', targetUID: 'tempo' });
        grafana.remove('loki');
        grafana.seed({ name: 'Tempo', type: 'tempo', uid: 'new' });
        assert.notDeepEqual(held(), before);
        grafana.restore(backup);
        assert.deepEqual(held(), before);
      }
      assert.equal(ask(grafana, 'GET', `${list}/name/Renamed`).status, 404);
      assert.equal(ask(grafana, 'GET', `${list}/uid/new`).status, 404);
    });

    test('of an empty Grafana empty it', () => {
      const grafana = new GrafanaInstance();
      const backup = grafana.backup();
      grafana.seed({ name: 'Tempo', type: 'tempo', uid: 'tempo' });
      grafana.restore(backup);
      assert.deepEqual(grafana.rows(), []);
      assert.equal(ask(grafana, 'GET', ofTempo).status, 404);
    });

    test('let ids count on, also in another Grafana', () => {
      const first = new GrafanaInstance({ seed });
      const backup = first.backup();
      first.seed({ name: 'five', type: 'tempo', uid: 'five' });
      for (const [grafana, id] of [
        [first, 6],
        [new GrafanaInstance(), 5],
      ] as const) {
        grafana.restore(backup);
        grafana.seed({ name: 'next', type: 'tempo', uid: 'next' });
        assert.equal(grafana.rows().find(({ uid }) => uid === 'next')?.id, id);
      }
    });

    test('lock out nobody', () => {
      const grafana = new GrafanaInstance({ seed });
      const backup = grafana.backup();
      const token = grafana.addToken({ role: 'Viewer' });
      grafana.restore(backup);
      assert.equal(ask(grafana, 'GET', list, { token }).status, 200);
    });
  });

  suite('changes by hand', () => {
    test('count a version and leave alone what they do not name', () => {
      const grafana = new GrafanaInstance({ seed });
      const [before] = grafana.rows().filter(({ uid }) => uid === 'loki');
      const jsonData = { maxLines: 10 };
      grafana.edit('loki', { url: 'http://elsewhere', jsonData });
      jsonData.maxLines = 20; // no longer Grafana's
      const [after] = grafana.rows().filter(({ uid }) => uid === 'loki');
      assert.deepEqual(after, {
        ...before,
        url: 'http://elsewhere',
        jsonData: { maxLines: 10 },
        version: 2,
      });
      assert.equal(bodyOf(ask(grafana, 'GET', `${list}/uid/loki`)).url, 'http://elsewhere');
    });

    test('merge secrets by key, an empty one unset', () => {
      const grafana = new GrafanaInstance({ seed });
      grafana.edit('loki', { secureJsonData: { token: 't' } });
      assert.deepEqual(grafana.secureJsonData('loki'), { password: 'hunter2', token: 't' });
      grafana.edit('loki', { secureJsonData: { password: '' } });
      assert.deepEqual(grafana.secureJsonData('loki'), { token: 't' });
    });

    test('can give a name that became free', () => {
      const grafana = new GrafanaInstance({ seed });
      grafana.edit('loki', { name: 'Other' });
      grafana.edit('mimir', { name: 'Loki' });
      assert.equal(bodyOf(ask(grafana, 'GET', `${list}/name/Loki`)).uid, 'mimir');
    });

    for (const [what, change, message] of [
      ['no such datasource', (grafana) => grafana.edit('gone', { name: 'x' }), /no datasource 'gone'/],
      ['a taken name', (grafana) => grafana.edit('loki', { name: 'Tempo' }), /NAME_TAKEN/],
      ['a read-only datasource', (grafana) => grafana.edit('file', { name: 'x' }), /read only/],
      ['no such datasource to delete', (grafana) => grafana.remove('gone'), /no datasource 'gone'/],
      ['a read-only datasource to delete', (grafana) => grafana.remove('file'), /read only/],
    ] satisfies [string, (grafana: GrafanaInstance) => unknown, RegExp][]) {
      test(`are refused: ${what}`, () => {
        const grafana = new GrafanaInstance({ seed });
        const before = grafana.rows();
        assert.throws(() => change(grafana), { name: 'TypeError', message });
        assert.equal(grafana.rows(), before);
      });
    }

    test('that delete take what leads from or to it along, as the API does', () => {
      const remaining = (remove: (grafana: GrafanaInstance) => void) => {
        const grafana = new GrafanaInstance({ seed, random: randomFrom(1), clock: () => 0 });
        for (const [sourceUID, targetUID] of [
          ['tempo', 'loki'],
          ['mimir', 'tempo'],
          ['loki', 'mimir'],
        ] as const) {
          grafana.seedCorrelation({ sourceUID, targetUID });
        }
        remove(grafana);
        return [grafana.rows().map(({ uid }) => uid), grafana.correlations()];
      };
      const byHand = remaining((grafana) => grafana.remove('tempo'));
      const overApi = remaining((grafana) => assert.equal(ask(grafana, 'DELETE', ofTempo).status, 200));
      assert.deepEqual(byHand, overApi);
      assert.equal(byHand[1]?.length, 1);
    });
  });
});
