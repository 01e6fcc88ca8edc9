import assert from 'node:assert/strict';
import fc from 'fast-check';
import { diagnoseGrafana, savedGrafanaText } from '../../../../src/doctor/grafana/index.ts';
import { SavedGrafana } from '../../../../src/doctor/grafana/saved-grafana.ts';
import { anyGrafana } from './arbitrary-grafana.ts';
import { grafanaOf, tempo } from './live.ts';

suite('a saved Grafana', () => {
  test('gives the same report as what it was saved from', () => {
    fc.assert(
      fc.property(anyGrafana, (live) => {
        const { grafana } = SavedGrafana.parse(JSON.parse(savedGrafanaText(live)));
        assert.deepEqual(diagnoseGrafana(grafana), diagnoseGrafana(live));
        const again = SavedGrafana.parse(JSON.parse(savedGrafanaText(grafana)));
        assert.deepEqual(again.grafana, grafana, 'there is nothing left to take out');
      }),
    );
  });

  test('holds no secret that somebody put where every Viewer sees it', () => {
    const text = savedGrafanaText(
      grafanaOf(
        tempo({
          password: 'hunter2',
          deep: [{ apiToken: 'hunter2', httpHeaderValue1: 'hunter2', url: 'http://me:hunter2@x/?k=hunter2' }],
          tracesToLogsV2: { datasourceUid: 'gone', query: 'http://x/?k=hunter2&id=$${__span.traceId}' },
        }),
      ),
    );
    assert.doesNotMatch(text, /hunter2/);
    assert.match(text, /gone/);
  });
});
