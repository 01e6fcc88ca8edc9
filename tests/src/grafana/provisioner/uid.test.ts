import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  datasourceName,
  datasourceUid,
  markerKey,
  readMarker,
  type Topology,
} from '#src/grafana/provisioner';

const tempo: Topology = {
  model: 'cos',
  modelUuid: '11111111-2222-4333-8444-555555555555',
  application: 'tempo',
  unitNumber: 0,
};
const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 255 });
const anyTopology: fc.Arbitrary<Topology> = fc.record({
  model: anyText,
  modelUuid: fc.oneof(fc.uuid(), anyText),
  application: fc.oneof(fc.constantFrom('tempo', 'tempo-0', 'a'.repeat(255), 'a'.repeat(254)), anyText),
  unitNumber: fc.option(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { nil: undefined }),
});
const identity = ({ modelUuid, application, unitNumber }: Topology) =>
  JSON.stringify([modelUuid, application, unitNumber ?? null]);

suite('uid and name of a datasource', () => {
  test('are readable, and what they have always been', () => {
    assert.equal(datasourceUid(tempo), 'tempo-0-2c34f5fd');
    assert.equal(datasourceUid({ ...tempo, unitNumber: undefined }), 'tempo-918be4e4');
    assert.equal(datasourceName(tempo), 'juju_cos_11111111-2222-4333-8444-555555555555_tempo_0');
    assert.equal(
      datasourceName({ ...tempo, unitNumber: undefined }),
      'juju_cos_11111111-2222-4333-8444-555555555555_tempo',
    );
  });

  test('are in the form that Grafana takes, whatever the names', () => {
    fc.assert(
      fc.property(anyTopology, (topology) => {
        assert.match(datasourceUid(topology), /^[A-Za-z0-9_-]{1,40}$/);
        const bytes = Buffer.byteLength(datasourceName(topology));
        assert.ok(bytes > 0 && bytes <= 190);
      }),
    );
  });

  test('are known by their form in a marker that names none: a uid of Grafana or of an operator is no such', () => {
    const marker = { gateway: 'gw', keys: [], secureKeys: [] };
    const isOurs = (uid: string) => readMarker({ uid, jsonData: { [markerKey]: marker } }) !== undefined;
    fc.assert(fc.property(anyTopology, (topology) => assert.ok(isOurs(datasourceUid(topology)))));
    for (const uid of [
      'my-tempo',
      'tempo',
      'P8E80F9AEF21F6940',
      'bebcf0a1b2c3',
      'fe1x2abcd',
      '-0123abcd',
      '',
    ]) {
      assert.ok(!isOurs(uid), uid);
    }
  });

  test('are the same for the same topology, whatever the model is called', () => {
    fc.assert(
      fc.property(anyTopology, anyText, (topology, model) => {
        assert.equal(datasourceUid({ ...topology }), datasourceUid(topology));
        assert.equal(datasourceUid({ ...topology, model }), datasourceUid(topology));
      }),
    );
  });

  test('differ for units and applications that differ', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyTopology, { selector: identity }), (topologies) => {
        assert.equal(new Set(topologies.map(datasourceUid)).size, topologies.length);
      }),
    );
  });

  test('keep units apart when names are cut short', () => {
    const long = { ...tempo, application: 'a'.repeat(200) };
    const topologies = [0, 1, 10, undefined].map((unitNumber) => ({ ...long, unitNumber }));
    assert.equal(new Set(topologies.map(datasourceUid)).size, 4);
    assert.equal(new Set(topologies.map(datasourceName)).size, 4);
  });
});
