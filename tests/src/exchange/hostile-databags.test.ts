import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide, explain, explainText } from '#src/exchange';
import { readAnswer } from '#src/relations/grafana-datasource';
import { readDatasources } from '#src/relations/grafana-datasource-exchange';
import { anyDatabag, anyJsonText, nested } from '../relations/databags.ts';
import { applied, gateway, grafana, peer, source, tempo, U, view } from './builders.ts';

suite('what peers may write', () => {
  test('never keeps us from deciding and explaining', () => {
    const anyData = fc.oneof(
      anyDatabag.map((databag) => databag.grafana_source_data ?? ''),
      anyJsonText.map(
        (extra) =>
          `{"model": "cos", "model_uuid": "${U}", "application": "a", "type": "t", "extra_fields": ${extra}}`,
      ),
    );
    fc.assert(
      fc.property(anyDatabag, anyDatabag, anyData, (answer, published, data) => {
        const seen = view({
          datasource: tempo,
          grafanas: [grafana(readAnswer(answer).answer)],
          exchange: [peer('mimir', null, readDatasources(published))],
          gateway,
          sources: [source('a', { data, app: 'http://a', localAppData: answer })],
        });
        explainText(explain(seen));
        assert.deepEqual(decide(applied(seen, decide(seen))), {
          provision: [],
          correlations: [],
          secret: null,
          databags: [],
          status: null,
        });
      }),
    );
  });

  test('is decided on however deep it is nested', () => {
    for (let depth = 1; depth < 20_000; depth = Math.ceil(depth * 1.3)) {
      const data = { extra_fields: JSON.parse(nested(Math.min(depth, 5000))) as unknown };
      const text = JSON.stringify({ model: 'cos', model_uuid: U, application: 'a', type: 't', ...data });
      const seen = view({ gateway, sources: [source('a', { data: text, app: 'http://a' })] });
      assert.deepEqual(decide(applied(seen, decide(seen))).provision, []);
    }
  });

  test('fills no status with more than a line', () => {
    const data = `{"model": "cos", "model_uuid": "${U}", "application": "a", "type": "t", "secure_extra_fields": {"${'k'.repeat(100_000)}\\n": 5}}`;
    const { status } = decide(view({ gateway, sources: [source('a', { data })] }));
    assert.ok(status !== null && status.message.length < 400 && !status.message.includes('\n'));
  });
});
