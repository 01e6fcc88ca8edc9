import assert from 'node:assert/strict';
import { join } from 'node:path';
import { projectFolder } from '#src/local';
import { type Frontend, loadFrontend, unlabelled } from './grafana-frontend.ts';

const folder = join(projectFolder, 'examples/http-datasource');

suite('examples/http-datasource: the frontend', () => {
  let frontend: Frontend;
  suiteSetup(async () => {
    frontend = await loadFrontend(folder);
  });

  test('takes from Grafana what Grafana has', () => {
    assert.deepEqual(frontend.names, ['@grafana/data', '@grafana/runtime', '@grafana/ui', 'react']);
  });

  test("fills in the dashboard's variables, and leaves out what is not written yet", () => {
    const api = new frontend.datasource({});
    const variables = { room: { value: 'attic' } };
    const filled = api.applyTemplateVariables?.({ refId: 'A', path: '$room.json' }, variables);
    assert.deepEqual({ ...(filled as object) }, { refId: 'A', path: 'attic.json' });
    assert.equal(api.filterQuery?.({ refId: 'A', path: 'x' }), true);
    assert.equal(api.filterQuery?.({ refId: 'A', path: '' }), false);
    assert.equal(api.filterQuery?.({ refId: 'A' }), false);
  });

  test('the query editor changes the path, and runs the query when it is complete', () => {
    const changes: object[] = [];
    let runs = 0;
    const open = frontend.open(frontend.queryEditor, {
      query: { refId: 'A' },
      onChange: (query: object) => changes.push({ ...query }),
      onRunQuery: () => {
        runs += 1;
      },
    });
    assert.deepEqual(unlabelled(open.html()), []);
    const path = open.control('Path');
    path.onChange?.({ currentTarget: { value: 'attic.json' } });
    path.onKeyDown?.({ key: 'a' });
    assert.equal(runs, 0, 'not while somebody types');
    path.onKeyDown?.({ key: 'Enter' });
    path.onBlur?.();
    assert.equal(runs, 2);
    assert.deepEqual(changes, [{ refId: 'A', path: 'attic.json' }]);
  });

  const options = {
    name: 'mine',
    url: 'http://localhost/api',
    jsonData: { other: 1 },
    secureJsonFields: { token: true },
  };

  test('the config editor changes URL and TLS, and nothing else', () => {
    const changes: unknown[] = [];
    const open = frontend.open(frontend.configEditor, {
      options,
      onOptionsChange: (changed: unknown) => changes.push(JSON.parse(JSON.stringify(changed))),
    });
    assert.deepEqual(unlabelled(open.html()), []);
    assert.match(open.html(), /value="http:\/\/localhost\/api"/);
    open.control('URL').onChange?.({ currentTarget: { value: 'https://other' } });
    open.control('Skip TLS verification').onChange?.({ currentTarget: { checked: true } });
    assert.deepEqual(changes, [
      { ...options, url: 'https://other' },
      { ...options, jsonData: { other: 1, tlsSkipVerify: true } },
    ]);
  });

  test('a token is written, never shown, and can be taken back', () => {
    const changes: unknown[] = [];
    const onOptionsChange = (changed: unknown) => changes.push(JSON.parse(JSON.stringify(changed)));
    const saved = frontend.open(frontend.configEditor, { options, onOptionsChange });
    assert.match(saved.html(), /value="configured"/);
    saved.control('Token').onReset?.();
    const empty = { ...options, secureJsonFields: { token: false }, secureJsonData: { token: '' } };
    assert.deepEqual(changes, [empty]);
    const reset = frontend.open(frontend.configEditor, { options: empty, onOptionsChange });
    assert.doesNotMatch(reset.html(), /value="configured"/);
    reset.control('Token').onChange?.({ currentTarget: { value: 'new' } });
    assert.deepEqual(changes[1], { ...empty, secureJsonData: { token: 'new' } });
  });
});
