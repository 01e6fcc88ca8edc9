import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { doctorText, wantsColor } from '../../src/cli/doctor-text.ts';
import { diagnosed } from '../src/doctor/diagnosis.ts';
import { cosV0, ourGateway } from '../src/doctor/healthy.ts';
import { bagOf } from '../src/doctor/models.ts';
import { faults } from '../src/doctor/planted.ts';

suite('the text of a report', () => {
  test('is the same in colour, but for the colour', () => {
    for (const { world, plant } of faults) {
      const models = world();
      const [first] = models;
      assert.ok(first !== undefined);
      plant(first, models);
      const report = diagnosed(models);
      const colored = doctorText(report, { color: true });
      assert.notEqual(colored, doctorText(report, { color: false }));
      assert.equal(stripVTControlCharacters(colored), doctorText(report, { color: false }));
    }
  });

  test('is no wider than a terminal, but for single long names', () => {
    for (const line of doctorText(diagnosed(ourGateway()), { color: false }).split('\n')) {
      assert.ok(line.length <= 80, line);
    }
  });

  test('says once what is wrong in many places, and where', () => {
    const [cos] = cosV0();
    assert.ok(cos !== undefined);
    for (const app of ['mimir', 'loki']) {
      const end = bagOf(cos, `${app}:send-datasource`, 'tempo');
      end.appData = { datasources: '[' };
    }
    const { appData } = bagOf(cos, 'tempo:receive-datasource', 'mimir');
    appData.datasources = '[]';
    bagOf(cos, 'tempo:receive-datasource', 'loki').appData.datasources = '[]';
    const text = doctorText(diagnosed([cos]), { color: false });
    assert.equal(text.match(/exchange-incomplete: tempo/g)?.length, 1);
    assert.match(text.replace(/\n +/g, ' '), /relation 5 \(.*relation 6 \(/);
  });

  test('lets nobody who writes databags draw on the terminal', () => {
    const [cos] = ourGateway();
    assert.ok(cos !== undefined);
    const end = bagOf(cos, 'mimir:send-datasource', 'tempo');
    end.appData.datasources = JSON.stringify([{ type: 'loki', uid: 'a\u001b[2Jb', grafana_uid: 'c\u0007' }]);
    const { appData } = bagOf(cos, 'tempo:grafana-source', 'gateway');
    appData.grafana_source_data = (appData.grafana_source_data ?? '').replace('mimir-0-', '\\u001b[31m');
    const text = doctorText(diagnosed([cos]), { color: false });
    // Line feeds are ours.
    assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u);
  });
});

suite('colour', () => {
  const terminal = { isTTY: true };
  for (const [what, out, environment, expected] of [
    ['is for a terminal', terminal, {}, true],
    ['is for no file', {}, {}, false],
    ['is not for who set NO_COLOR', terminal, { NO_COLOR: '1' }, false],
    ['is for who set NO_COLOR to nothing', terminal, { NO_COLOR: '' }, true],
    ['is not for a terminal without any', terminal, { TERM: 'dumb' }, false],
  ] as const) {
    test(what, () => assert.equal(wantsColor(out, environment), expected));
  }
});
