import assert from 'node:assert/strict';
import type { Report } from '#src/doctor';
import { diagnosed } from './diagnosis.ts';
import { cosV0, cosV1, crossModel, grafanaElsewhere, ourGateway, twoGrafanas } from './healthy.ts';
import type { ComposedModel } from './juju-format.ts';
import { answer, bagOf, exchanged, nameOf, relate, sourceData, U, V } from './models.ts';
import { setFields } from './planted/fault.ts';

/** `tempo/0 service-map mimir/0`, a line for each link that is there. */
function made({ links, grafanas }: Report): string[] {
  const units = new Map(
    grafanas.flatMap(({ datasources }) =>
      datasources.map(({ uid, app, unit }) => [uid, unit ?? app] as const),
    ),
  );
  const name = (uid: string | null) => units.get(uid ?? '') ?? uid;
  return links.flatMap(({ from, kind, to }) =>
    to === null ? [] : [`${name(from.uid)} ${kind} ${name(to.uid)}`],
  );
}

/** Codes of the reasons for what is not there, by kind. */
function missing({ links }: Report, app: string): Record<string, string[]> {
  const of = links.filter(({ from, to }) => from.app === app && to === null);
  return Object.fromEntries(of.map(({ kind, reasons }) => [kind, reasons.map(({ code }) => code)]));
}

function first(models: readonly ComposedModel[]): ComposedModel {
  const [model] = models;
  assert.ok(model !== undefined);
  return model;
}

suite("the doctor's graph", () => {
  test('has a node for each datasource in each Grafana, with whose it is', () => {
    const { grafanas } = diagnosed(cosV0());
    assert.equal(grafanas.length, 1);
    assert.equal(grafanas[0]?.grafanaUid, `juju_cos_${U}_grafana_0`);
    assert.deepEqual(
      grafanas[0]?.datasources.map(({ type, unit, model }) => [type, unit, model]),
      [
        ['alertmanager', 'alertmanager/0', 'cos'],
        ['loki', 'loki/0', 'cos'],
        ['prometheus', 'mimir/0', 'cos'],
        ['prometheus', 'mimir/1', 'cos'],
        ['prometheus', 'mimir/2', 'cos'],
        ['tempo', 'tempo/0', 'cos'],
        ['tempo', 'tempo/1', 'cos'],
      ],
    );
  });

  test('has an edge for each link that an application wrote, from each of its units', () => {
    const links = made(diagnosed(cosV0())).filter((line) => line.startsWith('tempo'));
    assert.deepEqual(
      links,
      ['tempo/0', 'tempo/1'].flatMap((unit) => [
        `${unit} service-map mimir/0`,
        `${unit} traces-to-logs loki/0`,
        `${unit} traces-to-metrics mimir/0`,
      ]),
    );
  });

  test('has them of applications that register as a whole', () => {
    assert.ok(made(diagnosed(cosV1())).includes('tempo service-map mimir'));
  });

  test('has the links that were written, also those of a kind that it does not know', () => {
    const models = cosV0();
    const { appData } = bagOf(first(models), 'alertmanager:grafana-source', 'grafana');
    const data = JSON.parse(appData.grafana_source_data ?? '') as { extra_fields: Record<string, unknown> };
    data.extra_fields.someLink = [{ deep: { datasourceUid: nameOf('loki', 0) } }];
    appData.grafana_source_data = JSON.stringify(data);
    assert.ok(made(diagnosed(models)).includes('alertmanager/0 someLink loki/0'));
  });

  test('has one edge to a datasource that several fields lead to', () => {
    const models = cosV0();
    setFields(first(models), 'loki', 'grafana', (fields) => {
      fields.derivedFields = ['a', 'b', 'c'].map((name) => ({ name, datasourceUid: nameOf('tempo', 0) }));
    });
    const links = made(diagnosed(models)).filter((line) => line.startsWith('loki'));
    assert.deepEqual(links, ['loki/0 logs-to-traces tempo/0']);
  });

  test('has an edge to each of several datasources that the fields of one lead to', () => {
    const models = cosV0();
    setFields(first(models), 'mimir', 'grafana', (fields) => {
      fields.exemplarTraceIdDestinations = [1, 0].map((unit) => ({ datasourceUid: nameOf('tempo', unit) }));
    });
    const links = made(diagnosed(models)).filter((line) => line.startsWith('mimir/2'));
    assert.deepEqual(links.toSorted(), [
      'mimir/2 metrics-to-traces tempo/0',
      'mimir/2 metrics-to-traces tempo/1',
    ]);
  });

  test('explains what each type could link to by what its kind of Grafana plugin can', () => {
    const report = diagnosed(cosV0());
    assert.deepEqual(missing(report, 'mimir'), { 'metrics-to-traces': ['not-written'] });
    assert.deepEqual(missing(report, 'loki'), {});
    assert.deepEqual(missing(report, 'tempo'), { 'traces-to-profiles': ['no-suitable-peer'] });
    assert.deepEqual(missing(report, 'alertmanager'), {});
  });

  test('says of one application out of two that it could be linked to as well, where Grafana has room', () => {
    const models = cosV0();
    const cos = first(models);
    // Given a Jaeger beside Tempo, in the same Grafana, and with the same Loki
    cos.applications.jaeger = {
      charm: 'jaeger-k8s',
      units: { 'jaeger/0': { leader: true, status: 'active', message: '' } },
    };
    const grafanaUid = `juju_cos_${U}_grafana_0`;
    relate(
      cos,
      'grafana_datasource',
      [
        'jaeger:grafana-source',
        {
          appData: { grafana_source_data: sourceData('jaeger', 'jaeger') },
          unitData: { grafana_source_host: 'http://jaeger:16686' },
        },
      ],
      ['grafana:grafana-source', { appData: answer({ 'jaeger/0': nameOf('jaeger', 0) }, grafanaUid) }],
    );
    relate(
      cos,
      'grafana_datasource_exchange',
      ['jaeger:receive-datasource', { appData: exchanged(['jaeger', nameOf('jaeger', 0), grafanaUid]) }],
      ['loki:send-datasource', { appData: exchanged(['loki', nameOf('loki', 0), grafanaUid]) }],
    );
    const report = diagnosed(models);
    assert.ok(report.healthy);
    // Then Loki's link to Tempo is there once, and that to Jaeger could be
    assert.deepEqual(
      made(report).filter((line) => line.startsWith('loki')),
      ['loki/0 logs-to-traces tempo/0'],
    );
    const [link, ...more] = report.links.filter(({ from, to }) => from.app === 'loki' && to === null);
    assert.deepEqual([link?.kind, more], ['logs-to-traces', []]);
    assert.deepEqual(
      link?.reasons.map(({ code, message }) => [code, message.split(' ')[0]]),
      [['not-written', 'jaeger']],
    );
    // And where it wrote none, one line names both
    setFields(cos, 'loki', 'grafana', (fields) => {
      delete fields.derivedFields;
    });
    const [none, ...others] = diagnosed(models).links.filter(({ from }) => from.app === 'loki');
    assert.deepEqual([none?.to, others], [null, []]);
    assert.deepEqual(
      none?.reasons.map(({ code, message }) => [code, message.split(' ')[0]]),
      [
        ['not-written', 'jaeger'],
        ['not-written', 'tempo'],
      ],
    );
  });

  test('shows links in each Grafana by itself', () => {
    const { grafanas, links } = diagnosed(twoGrafanas());
    assert.deepEqual(
      grafanas.map(({ name }) => name),
      ['graf2', 'grafana'],
    );
    for (const { id } of grafanas) {
      const here = links.filter(({ grafana, to }) => grafana === id && to !== null);
      assert.deepEqual(
        here.map(({ kind }) => kind),
        ['service-map'],
      );
    }
  });

  test('says of a link that could be there, and was not written, that it was not', () => {
    const reasons = missing(diagnosed(ourGateway()), 'tempo');
    assert.deepEqual(reasons['traces-to-metrics'], ['not-written']);
    assert.deepEqual(reasons['traces-to-logs'], ['no-suitable-peer']);
  });

  test("says why a link is missing by the charm's own reasons", () => {
    const models = twoGrafanas();
    bagOf(first(models), 'mimir:send-datasource', 'tempo').appData = exchanged([
      'prometheus',
      nameOf('mimir', 0),
      'juju_elsewhere',
    ]);
    assert.deepEqual(missing(diagnosed(models), 'tempo')['traces-to-metrics'], ['other-grafana']);
  });

  test('explains an application that is in no Grafana', () => {
    const models = twoGrafanas();
    const cos = first(models);
    cos.relations = cos.relations.filter(({ ends }) => {
      const apps = ends.map(({ app }) => app);
      return !apps.includes('tempo') || apps.includes('mimir');
    });
    const { links } = diagnosed(models);
    const tempo = links.filter(({ from }) => from.app === 'tempo');
    assert.ok(tempo.length > 0);
    for (const { grafana, reasons } of tempo) {
      assert.equal(grafana, null);
      assert.deepEqual(
        reasons.map(({ code }) => code),
        ['no-grafana-relation'],
      );
    }
  });
});

suite('the doctor, of models that are related', () => {
  test('sees both ends of their relations when it looks at both', () => {
    const report = diagnosed(crossModel());
    assert.deepEqual(made(report), ['tempo/0 service-map mimir/0']);
    assert.deepEqual(
      report.notes.map(({ code }) => code),
      ['names-handed-out'],
    );
    const [grafana] = report.grafanas;
    assert.deepEqual(
      grafana?.datasources.map(({ app, model }) => `${model}/${app}`),
      ['apm/tempo', 'cos/mimir'],
    );
    assert.deepEqual(
      report.models.map(({ name, relations }) => [name, relations]),
      [
        ['cos', 3],
        ['apm', 2],
      ],
    );
  });

  test('tells what it can not see when it looks at the one with Tempo only', () => {
    const [, apm] = crossModel();
    assert.ok(apm !== undefined);
    const report = diagnosed([apm]);
    // Not even what it is: Tempo says that to the others only.
    assert.deepEqual(report.links, []);
    assert.deepEqual(
      report.notes.map(({ code }) => code),
      ['names-handed-out', 'other-side-unseen', 'other-side-unseen'],
    );
  });

  test('tells which links could be there when what was written went to a Grafana elsewhere', () => {
    const report = diagnosed(grafanaElsewhere());
    assert.deepEqual(missing(report, 'tempo')['service-map'], ['not-visible']);
    assert.deepEqual(missing(report, 'tempo')['traces-to-logs'], ['no-suitable-peer']);
  });

  test('shows no datasource of an application in another model when it looks at the one with Grafana only', () => {
    const [cos] = crossModel();
    assert.ok(cos !== undefined);
    const { grafanas } = diagnosed([cos]);
    const uids = grafanas.flatMap(({ datasources }) => datasources.map(({ uid }) => uid));
    // What Grafana answered there is not to be seen from its own model.
    assert.deepEqual(uids, [nameOf('mimir', 0)]);
  });

  test('finds a fault on either end', () => {
    const models = crossModel();
    const [cos] = models;
    assert.ok(cos !== undefined);
    const { appData } = bagOf(cos, 'remote-0123456789abcdef0123456789abcdef:grafana-source', 'grafana');
    appData.grafana_source_data = (appData.grafana_source_data ?? '').replace(
      nameOf('mimir', 0),
      nameOf('mimir', 0, 'apm', V),
    );
    const [finding] = diagnosed(models).findings;
    assert.equal(finding?.code, 'uid-unknown');
    assert.equal(finding?.where.model, 'apm');
    assert.equal(finding?.where.app, 'tempo');
    assert.deepEqual(finding?.where.relation?.ends, ['grafana:grafana-source', 'apm/tempo:grafana-source']);
  });
});
