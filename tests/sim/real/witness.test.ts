import assert from 'node:assert/strict';
import { loadScenario } from '#src/local';
import { converse } from '../../model/conversation.ts';
import { firstDifference } from './difference.ts';
import { Witness } from './witness.ts';

suite('a witness', () => {
  const secret = 'gl"sa_5ecret';
  const says = (message: string) =>
    ({ kind: 'log', unit: 'grafana/0', module: 'unit', level: 'DEBUG', message }) as const;

  function witness(): Witness {
    const witness = new Witness();
    witness.secret('the token', secret);
    return witness;
  }

  const forms = [secret, JSON.stringify(secret), btoa(secret), encodeURIComponent(secret)];
  for (const form of forms) {
    test(`sees a secret in a log as ${form}`, () => {
      const seeing = witness();
      seeing.activity(says(`sent ${form}`));
      assert.deepEqual([...seeing.sightings], ['the token stands in log of grafana/0']);
    });
  }

  test('sees one in a databag', async () => {
    const running = await converse(await loadScenario('two-grafanas'));
    const seeing = witness();
    seeing.model = running.model;
    seeing.look();
    assert.deepEqual([...seeing.sightings], []);
    // What stands there for certain.
    seeing.secret('the URL', 'http://tempo-0.example:3200');
    seeing.model = { snapshot: () => ({ ...running.model.snapshot(), name: 'changed' }) };
    seeing.look();
    assert.deepEqual([...seeing.sightings], ['the URL stands in a databag or status']);
    await running.close();
  });
});

suite('the first difference', () => {
  const cases: [found: unknown, wanted: unknown, difference: string | undefined][] = [
    [{ a: [1, { b: null }] }, { a: [1, { b: null }] }, undefined],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, '/a/1/b is 2, not 3'],
    [{ a: 1, b: 2 }, { a: 1 }, '/b is 2, not undefined'],
    [[1], [1, 2], '/1 is undefined, not 2'],
    [[], {}, 'the whole is [], not {}'],
  ];
  for (const [found, wanted, difference] of cases) {
    test(`of ${JSON.stringify(found)} and ${JSON.stringify(wanted)}`, () => {
      assert.equal(firstDifference(found, wanted), difference);
    });
  }
});
