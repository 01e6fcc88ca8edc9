import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError } from '#lib/juju-local';
import { cleanUp, openModel, shellCharm } from './helpers.ts';
import { type World, world } from './world.ts';

suite("operators' mistakes say what to do", () => {
  teardown(cleanUp);

  const table: [title: string, act: (world: World) => unknown, message: RegExp][] = [
    [
      'an unknown application',
      ({ model }) => model.addUnit('x'),
      /no application 'x'; there are: 'a', 'b', 'c'/,
    ],
    ['an unknown unit', ({ model }) => model.removeUnit('a/7'), /no unit 'a\/7'; there are: 'a\/0', 'b\/0'/],
    [
      'an unknown endpoint',
      ({ model }) => model.relate('a:x', 'b'),
      /has no endpoint 'x'; its charm's endpoints: 'db', 'other-db', 'ring', 'sql', 'web'/,
    ],
    [
      'endpoints that are ambiguous',
      ({ model }) => model.relate('a', 'b'),
      /several endpoints .* name one pair of/,
    ],
    [
      'another interface',
      ({ model }) => model.relate('a:web', 'b:db'),
      /don't fit.*'a:web \(provides http\)', 'b:db \(requires sql\)'/,
    ],
    [
      'two of one role',
      ({ model }) => model.relate('a:sql', 'b:sql'),
      /one that provides and one that requires/,
    ],
    ['a relation with itself', ({ model }) => model.relate('a:sql', 'a:db'), /can't be related to itself/],
    [
      'a relation twice',
      ({ model }) => {
        model.relate('a:sql', 'b:db');
        model.relate('b:db', 'a:sql');
      },
      /are related already \(id 3\)/,
    ],
    [
      'a relation too many',
      ({ model }) => {
        model.relate('a:sql', 'b:db');
        model.relate('c:sql', 'b:db');
      },
      /'b:db' takes 1 relation\(s\) at most/,
    ],
    ['no such relation', ({ model }) => model.removeRelation('a', 'b'), /no relation of 'a' and 'b'/],
    ['a peer relation', ({ model }) => model.removeRelation(0), /is a peer relation/],
    [
      'an unknown option',
      ({ model }) => model.setConfig('a', { prot: 1 }),
      /no option 'prot'; its charm's options: 'debug', 'name', 'port', 'ratio', 'token'/,
    ],
    [
      'a string for an int',
      ({ model }) => model.setConfig('a', { port: '80' }),
      /option 'port' of application 'a' must be a whole number, not "80"/,
    ],
    ['a fraction for an int', ({ model }) => model.setConfig('a', { port: 8.5 }), /must be a whole number/],
    ['a number for a string', ({ model }) => model.setConfig('a', { name: 1 }), /must be a string/],
    [
      'a string for a boolean',
      ({ model }) => model.setConfig('a', { debug: 'yes' }),
      /must be true or false/,
    ],
    ['no URI for a secret', ({ model }) => model.setConfig('a', { token: 'hush' }), /must be a secret's URI/],
    ['an unknown secret', ({ model }) => model.grantSecret('x', 'a'), /no secret 'x'/],
    [
      'a short secret key',
      ({ model }) => model.addSecret({ name: 's', content: { ab: '1' } }),
      /key "ab" not valid/,
    ],
    ['a taken name', ({ model, charm }) => model.deploy({ app: 'a', charm }), /an application 'a' already/],
    ['a bad name', ({ model, charm }) => model.deploy({ app: 'A_b', charm }), /is no application name/],
    ['a bad number of units', ({ model }) => model.addUnit('a', -1), /number of units/],
    ['no folder', ({ model }) => model.deploy({ app: 'd', charm: '/no/such' }), /is no readable folder/],
    ['an unknown action', ({ model }) => model.runAction('a/0', 'x'), /has no action 'x'; it has: 'backup'/],
    [
      'an unknown parameter',
      ({ model }) => model.runAction('a/0', 'backup', { x: 1 }),
      /no parameter 'x'; it has: 'level', 'path'/,
    ],
    ['a missing parameter', ({ model }) => model.runAction('a/0', 'backup'), /needs the parameter 'level'/],
    [
      'a parameter of another type',
      ({ model }) => model.runAction('a/0', 'backup', { level: 'x' }),
      /must be of type integer, not "x"/,
    ],
    [
      'a relation to an application that goes',
      ({ model }) => {
        model.removeApplication('a');
        model.relate('a:sql', 'b:db');
      },
      /'a' is being removed/,
    ],
    [
      'a large secret',
      ({ model }) => model.addSecret({ name: 's', content: { key: 'x'.repeat(9000) } }),
      /too large: 9000 bytes/,
    ],
    ['a unit without error', ({ model }) => model.resolve('a/0'), /not in error/],
  ];
  for (const [title, act, message] of table) {
    test(title, async () => {
      const given = await world();
      await assert.rejects(
        async () => act(given),
        (error) => {
          assert.ok(error instanceof ModelError, String(error));
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  const charms: [title: string, change: (folder: string) => Promise<unknown>, message: RegExp][] = [
    ['no metadata', (folder) => rm(join(folder, 'metadata.yaml')), /has no metadata.yaml/],
    ['nothing to run', (folder) => rm(join(folder, 'dispatch')), /has no 'dispatch' executable/],
    ['bad YAML', (folder) => writeFile(join(folder, 'metadata.yaml'), 'a: ['), /metadata.yaml is no YAML/],
    [
      'no name',
      (folder) => writeFile(join(folder, 'metadata.yaml'), 'summary: x'),
      /metadata.yaml is not what Juju expects:\n.*name/s,
    ],
    [
      'a default of another type',
      (folder) => writeFile(join(folder, 'config.yaml'), 'options: {p: {type: int, default: x}}'),
      /default of option 'p' must be a whole number/,
    ],
    [
      'a subordinate',
      (folder) => writeFile(join(folder, 'metadata.yaml'), 'name: x\nsubordinate: true'),
      /subordinate: not supported/,
    ],
  ];
  for (const [title, change, message] of charms) {
    test(`a charm with ${title}`, async () => {
      const { model } = await openModel();
      const charm = await shellCharm({ name: 'x' });
      await change(charm);
      await assert.rejects(model.deploy({ app: 'x', charm }), { name: 'ModelError', message });
    });
  }
});
