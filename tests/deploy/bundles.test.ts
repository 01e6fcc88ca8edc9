import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { projectFolder, type Scenario } from '#src/local';
import { charmFileName } from '#src/pack';
import { converse } from '../model/conversation.ts';
import { type Bundle, endpointsOf, overlaid, readBundle } from './bundle.ts';

const cosLite = 'tests/deploy/cos-lite.yaml';
const charmFile = join(projectFolder, charmFileName('amd64'));

/** Each file in deploy/ that juju deploy takes, and the bundle it is laid on. */
const bundles: Readonly<Record<string, string | undefined>> = {
  'deploy/bundle.yaml': undefined,
  'deploy/cos-lite/tempo-overlay.yaml': cosLite,
  'deploy/cos-lite/grafana-overlay.yaml': cosLite,
};

async function whole(file: string): Promise<Bundle> {
  const base = bundles[file];
  const own = await readBundle(file);
  return base === undefined ? own : overlaid(await readBundle(base), own);
}

const isOurs = ({ charm }: { readonly charm: string }) => charm === charmFile;

suite('deploy/', () => {
  test('holds no bundle that is not looked at here', async () => {
    const found: string[] = [];
    for await (const file of glob('deploy/**/*.{yaml,yml}', { cwd: projectFolder })) found.push(file);
    assert.deepEqual(found.toSorted(), Object.keys(bundles).toSorted());
  });

  for (const file of Object.keys(bundles)) {
    suite(file, () => {
      test('takes the charm from where ./crosslink pack puts it', async () => {
        for (const [app, application] of Object.entries((await readBundle(file)).applications)) {
          assert.equal(application.charm, charmFile, app);
        }
      });

      test('sets options that the charm has, to values of their type, and no secret', async () => {
        const { options: known } = z
          .object({ options: z.record(z.string(), z.object({ type: z.string() })) })
          .parse(parse(await readFile(join(projectFolder, 'config.yaml'), 'utf8')));
        for (const { options } of Object.values((await readBundle(file)).applications)) {
          for (const [name, value] of Object.entries(options))
            assert.equal(typeof value, known[name]?.type, name);
        }
      });

      test('relates endpoints of one interface that the charms have, a provider with a requirer', async () => {
        const { applications, relations } = await whole(file);
        const look = async (end: string) => {
          const [app = '', endpoint = ''] = end.split(':');
          const application = applications[app];
          assert.ok(application, `${end}: there is no ${app}`);
          const folder = isOurs(application) ? projectFolder : application.charm;
          const found = (await endpointsOf(folder)).get(endpoint);
          assert.ok(found, `${end}: no such endpoint`);
          return found;
        };
        for (const pair of relations) {
          const [one, other] = [await look(pair[0]), await look(pair[1])];
          assert.equal(one.interface, other.interface, pair.join(' '));
          assert.notEqual(one.role, other.role, pair.join(' '));
        }
      });
    });
  }
});

/**
 * The bundle as a scenario. In the seat of a charm of COS sits crosslink: a Prometheus, Loki or Alertmanager is a
 * datasource, a Grafana is the gateway of an embedded one, and its endpoint has another name.
 */
function scenario(bundle: Bundle, expect: Scenario['expect']): Scenario {
  const applications: Scenario['applications'] = {};
  const grafanas: Scenario['grafanas'] = {};
  const renamed = new Set<string>();
  for (const [app, application] of Object.entries(bundle.applications)) {
    const gateway = isOurs(application) ? 'grafana-url' in application.options : app === 'grafana';
    if (gateway) {
      grafanas[app] = { datasources: [] };
      if (!isOurs(application)) renamed.add(`${app}:grafana-source`);
    }
    const stand = { 'datasource-type': app, 'datasource-url': `http://${app}.example` };
    const { 'grafana-url': _, ...own } = application.options;
    applications[app] = {
      units: 1,
      ...(gateway && { 'gateway-of': app }),
      config: isOurs(application) ? own : gateway ? {} : stand,
    };
  }
  const end = (name: string) => (renamed.has(name) ? name.replace(/:.*/, ':datasources') : name);
  const relations = bundle.relations.map(([a, b]): [string, string] => [end(a), end(b)]);
  return { name: 'deployed', grafanas, applications, relations, steps: [], expect };
}

async function differences(file: string, expect: Scenario['expect']): Promise<readonly string[]> {
  const { result, close } = await converse({ scenario: scenario(await whole(file), expect), file });
  await close();
  return result.differences;
}

suite('in the local model', () => {
  test('tempo-overlay.yaml links the Tempo to the logs and metrics of COS Lite', async () => {
    const expect: Scenario['expect'] = {
      datasources: { grafana: 4 },
      links: [
        { in: 'grafana', from: 'tempo', kind: 'service-map', to: 'prometheus' },
        { in: 'grafana', from: 'tempo', kind: 'traces-to-metrics', to: 'prometheus' },
        { in: 'grafana', from: 'tempo', kind: 'traces-to-logs', to: 'loki' },
      ],
      status: { tempo: 'active' },
    };
    assert.deepEqual(await differences('deploy/cos-lite/tempo-overlay.yaml', expect), []);
  });

  test('grafana-overlay.yaml registers the datasources of COS Lite in both Grafanas', async () => {
    const expect: Scenario['expect'] = {
      datasources: { grafana: 3, 'grafana-gateway': 3 },
      links: [],
      status: { 'grafana-gateway': 'active' },
    };
    assert.deepEqual(await differences('deploy/cos-lite/grafana-overlay.yaml', expect), []);
  });

  test('bundle.yaml links the Tempo to the Mimir and the Loki', async () => {
    const expect: Scenario['expect'] = {
      datasources: { grafana: 3 },
      links: [
        { in: 'grafana', from: 'tempo', kind: 'service-map', to: 'mimir' },
        { in: 'grafana', from: 'tempo', kind: 'traces-to-metrics', to: 'mimir' },
        { in: 'grafana', from: 'tempo', kind: 'traces-to-logs', to: 'loki' },
      ],
      status: { grafana: 'active', tempo: 'active', mimir: 'active', loki: 'active' },
    };
    assert.deepEqual(await differences('deploy/bundle.yaml', expect), []);
  });
});
