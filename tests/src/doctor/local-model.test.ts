import assert from 'node:assert/strict';
import { loadScenario } from '#src/local';
import { converse } from '../../model/conversation.ts';
import { diagnosed } from './diagnosis.ts';
import { composedFrom } from './juju-format.ts';

/** Scenarios whose end has nothing wrong in it, and by how much the charm's own explanation may fall short. */
for (const name of ['cos', 'late-relations', 'scale', 'two-grafanas', 'app-level']) {
  suite(`the doctor, of a model that scenario ${name} left`, () => {
    test('finds nothing wrong, and says what the charm says of itself', async () => {
      const { result, model, close } = await converse(await loadScenario(name));
      const report = diagnosed([composedFrom(model.snapshot())]);
      await close();
      assert.deepEqual(report.findings, []);
      assert.deepEqual(report.notes, []);
      const said = result.links.map(({ from, kind, to }) => [from.uid, kind, to?.uid ?? null]);
      const seen = report.links.map(({ from, kind, to }) => [from.uid, kind, to?.uid ?? null]);
      const inOrder = (links: unknown[]) => links.map((link) => JSON.stringify(link)).toSorted();
      assert.deepEqual(inOrder(seen), inOrder(said));
      assert.ok(said.length > 0);
      for (const { name, grafanaUid, datasources } of result.grafanas) {
        const here = report.grafanas.find((grafana) => grafana.grafanaUid === grafanaUid);
        const known = here?.datasources.map(({ uid }) => uid) ?? [];
        for (const uid of known)
          assert.ok(
            datasources.some((one) => one.uid === uid),
            `${uid} in ${name}`,
          );
      }
    });
  });
}

suite('the doctor, of a model that scenario legacy left', () => {
  test('finds what is wrong with its charms: no grafana_uid, and a list that ends in the middle', async () => {
    const { model, close } = await converse(await loadScenario('legacy'));
    const { findings } = diagnosed([composedFrom(model.snapshot())]);
    await close();
    const codes = new Set(findings.map(({ code }) => code));
    assert.ok(codes.has('grafana-without-uid'));
    assert.ok(codes.has('databag-invalid'));
  });
});
