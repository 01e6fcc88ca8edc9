import assert from 'node:assert/strict';
import { join } from 'node:path';
import { projectFolder } from '#src/local';
import { judgeModule } from './judge.ts';

const module = (name: string) => judgeModule(join(projectFolder, 'deploy/terraform', name));

for (const name of ['charm', 'cos-lite']) {
  suite(`deploy/terraform/${name}, as HashiCorp's reader sees it`, () => {
    test('is a module without complaints, and everything in it is described', async () => {
      const { Diagnostics, Variables } = await module(name);
      assert.deepEqual(Diagnostics, []);
      for (const [variable, { Type, Description }] of Object.entries(Variables)) {
        assert.notEqual(Description, '', variable);
        assert.notEqual(Type, '', variable);
      }
    });

    test('takes the Juju provider that knows models by their UUID', async () => {
      const { Providers, RequireCore } = await module(name);
      assert.deepEqual(Providers, { juju: { Source: 'juju/juju', Versions: ['>= 1.0'] } });
      assert.deepEqual(RequireCore, ['>= 1.5']);
    });

    test('takes no secret that would stand in its state', async () => {
      const { Resources, Variables } = await module(name);
      assert.ok(!Resources.some((resource) => resource.startsWith('juju_secret.')));
      for (const [variable, { Sensitive }] of Object.entries(Variables)) assert.ok(!Sensitive, variable);
    });
  });
}

suite('deploy/terraform/charm, by the conventions for modules of charms', () => {
  test('has the variables and outputs that other modules build on', async () => {
    const { Variables, Outputs, Resources } = await module('charm');
    const common = [
      'app_name',
      'base',
      'channel',
      'config',
      'constraints',
      'model_uuid',
      'revision',
      'units',
    ];
    for (const variable of common) assert.ok(variable in Variables, variable);
    assert.deepEqual(Outputs, ['app_name', 'provides', 'requires']);
    assert.deepEqual(Resources, ['juju_application.crosslink']);
  });
});
