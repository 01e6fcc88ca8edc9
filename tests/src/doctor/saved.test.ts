import assert from 'node:assert/strict';
import { deploymentOf, diagnose, type ModelInput, savedText } from '#src/doctor';
import { readSaved } from '../../../src/doctor/saved.ts';
import { inputOf } from './diagnosis.ts';
import { cosV0, healthy, ourGateway } from './healthy.ts';
import { bagOf, sourceData } from './models.ts';
import { faults } from './planted.ts';

function again(inputs: readonly ModelInput[]): ModelInput[] {
  return readSaved({ from: 'saved', value: JSON.parse(savedText(inputs)) });
}

suite('what the doctor saves', () => {
  for (const [name, world] of Object.entries(healthy)) {
    test(`explains ${name} as what it was read from does`, () => {
      const inputs = world().map((model) => inputOf(model));
      assert.deepEqual(diagnose(deploymentOf(again(inputs))), diagnose(deploymentOf(inputs)));
    });
  }

  for (const { what, world, plant } of faults) {
    test(`still shows ${what}`, () => {
      const models = world();
      const [first] = models;
      assert.ok(first !== undefined);
      plant(first, models);
      const inputs = models.map((model) => inputOf(model));
      assert.deepEqual(diagnose(deploymentOf(again(inputs))), diagnose(deploymentOf(inputs)));
    });
  }

  test('stays the same when it is saved once more', () => {
    const inputs = cosV0().map((model) => inputOf(model));
    assert.equal(savedText(again(inputs)), savedText(inputs));
  });

  const secret = 'hunter2';
  const hiding: Record<string, (end: ReturnType<typeof bagOf>) => void> = {
    'a field of secure_extra_fields': ({ appData }) => {
      appData.grafana_source_data = sourceData('alertmanager', 'alertmanager', null, { password: secret });
    },
    'secure_extra_fields as text': ({ appData }) => {
      const text = JSON.stringify({ password: secret });
      appData.grafana_source_data = sourceData('alertmanager', 'alertmanager', null, text);
    },
    'a header of another tenant': ({ appData }) => {
      const header = { httpHeaderName1: 'Authorization' };
      appData.grafana_source_data = sourceData('a', 'alertmanager', header, { httpHeaderValue1: secret });
    },
    'secure_extra_fields of another shape': ({ appData }) => {
      appData.grafana_source_data = sourceData('a', 'alertmanager', null, [secret]);
    },
    'a password among the extra fields': ({ appData }) => {
      appData.grafana_source_data = sourceData('a', 'alertmanager', { deep: [{ apiKey: secret }] });
    },
    'the user of a URL among the extra fields': ({ appData }) => {
      appData.grafana_source_data = sourceData('a', 'loki', { url: `see http://me:${secret}@x.example/` });
    },
    'the query of a URL among the extra fields': ({ appData }) => {
      appData.grafana_source_data = sourceData('a', 'loki', { url: `http://x.example/?token=${secret}#a` });
    },
    'a field that nobody knows': ({ appData }) => {
      const data: unknown = JSON.parse(sourceData('a', 'alertmanager'));
      appData.grafana_source_data = JSON.stringify({ ...(data as object), other: secret });
    },
    'a registration that ends in the middle': ({ appData }) => {
      appData.grafana_source_data = `{"secure_extra_fields": {"password": "${secret}`;
    },
    'a registration that is a string': ({ appData }) => {
      appData.grafana_source_data = JSON.stringify(secret);
    },
    'the user of an address': ({ units }) => {
      for (const unit of Object.values(units)) unit.data.grafana_source_host = `http://me:p@${secret}@a:1/`;
    },
    'the user of an address without a scheme': ({ units }) => {
      for (const unit of Object.values(units)) unit.data.grafana_source_host = `me:${secret}@a:1`;
    },
    'the query of an address': ({ appData }) => {
      appData.grafana_source_app_host = `http://a:1/?token=${secret}`;
    },
    'something that is no address': ({ appData }) => {
      appData.grafana_source_app_host = `ftp://${secret}`;
    },
    'a key of nobody': ({ appData }) => {
      appData.password = secret;
    },
    "a unit's key of nobody": ({ units }) => {
      for (const unit of Object.values(units)) unit.data.password = secret;
    },
    "what stands in place of a secret's URI": ({ appData }) => {
      appData.grafana_source_secret = secret;
    },
  };
  for (const [what, hide] of Object.entries(hiding)) {
    test(`does not hold a secret in ${what}, and gives the same report`, () => {
      const [cos] = cosV0();
      assert.ok(cos !== undefined);
      hide(bagOf(cos, 'alertmanager:grafana-source', 'grafana'));
      const inputs = [inputOf(cos)];
      assert.doesNotMatch(savedText(inputs), new RegExp(secret));
      const report = diagnose(deploymentOf(inputs));
      assert.doesNotMatch(JSON.stringify(report), new RegExp(secret));
      assert.deepEqual(diagnose(deploymentOf(again(inputs))), report);
    });
  }

  test('holds nothing of what peers exchange but the three fields', () => {
    const [cos] = cosV0();
    assert.ok(cos !== undefined);
    const loki = bagOf(cos, 'loki:send-datasource', 'tempo').appData;
    loki.datasources = JSON.stringify([
      { type: 'loki', uid: 'x', grafana_uid: 'y', password: secret },
      secret,
    ]);
    loki.password = secret;
    const inputs = [inputOf(cos)];
    assert.doesNotMatch(savedText(inputs), new RegExp(secret));
    assert.deepEqual(diagnose(deploymentOf(again(inputs))), diagnose(deploymentOf(inputs)));
  });

  test('holds nothing of other interfaces, of statuses, of addresses that Juju itself gives', () => {
    const [cos] = cosV0();
    assert.ok(cos !== undefined);
    Object.assign(cos.applications.loki?.units['loki/0'] ?? {}, { message: `the password is ${secret}` });
    const text = savedText([inputOf(cos)]);
    assert.doesNotMatch(text, /do-not-print-me|hunter2|10\.152\.183\.7|10\.1\.160\.61/);
  });

  test('keeps the URI of a secret, which opens nothing by itself', () => {
    const [cos] = ourGateway();
    assert.ok(cos !== undefined);
    const uri = `secret://11111111-2222-4333-8444-555555555555/d1cdd8ohf0tc7q5avfug`;
    bagOf(cos, 'mimir:grafana-source', 'gateway').appData.grafana_source_secret = uri;
    assert.match(savedText([inputOf(cos)]), new RegExp(uri));
  });

  test('says what it is, and how to explain it', () => {
    assert.match(savedText([]), /crosslink doctor --saved FILE/);
  });
});
