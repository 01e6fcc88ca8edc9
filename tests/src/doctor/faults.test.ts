import assert from 'node:assert/strict';
import { findingCodes, liveFindingCodes } from '#src/doctor';
import { diagnosed } from './diagnosis.ts';
import { crossModel, healthy } from './healthy.ts';
import type { ComposedModel } from './juju-format.ts';
import { model } from './models.ts';
import { faults } from './planted.ts';

function found(models: readonly ComposedModel[]): string[] {
  return diagnosed(models).findings.map(({ code, where: { app, key, path } }) =>
    `${code} ${app} ${key ?? ''}${path ?? ''}`.trim(),
  );
}

suite('the doctor finds nothing wrong', () => {
  for (const [name, world] of Object.entries(healthy)) {
    test(`in ${name}`, () => assert.deepEqual(found(world()), []));
  }

  test('in one of two models, where the other was not looked at', () => {
    for (const model of crossModel()) assert.deepEqual(found([model]), []);
  });

  test('in a model without any datasource', () => {
    assert.deepEqual(found([model('empty', { postgresql: ['postgresql', 3] })]), []);
  });
});

suite('the doctor finds', () => {
  for (const fault of faults) {
    test(fault.what, () => {
      const models = fault.world();
      const [cos] = models;
      assert.ok(cos !== undefined);
      fault.plant(cos, models);
      assert.deepEqual(found(models), fault.found);
    });
  }

  test('each thing that it has a code for, in one of these', () => {
    const codes = faults.flatMap(({ found }) => found.map((line) => line.split(' ')[0]));
    // Those are in grafana/diagnose-live.test.ts.
    const inJuju = findingCodes.filter((code) => !liveFindingCodes.some((other) => other === code));
    assert.deepEqual([...new Set(codes)].toSorted(), inJuju.toSorted());
  });
});
