import assert from 'node:assert/strict';
import { crosslink } from './command.ts';

suite('crosslink simulate', () => {
  for (const [what, args, message] of [
    ['a seed that is no number', ['--seed', 'x'], /--seed takes a whole number, not 'x'/],
    ['no world at all', ['--worlds', '0'], /--worlds takes a number from 1 on/],
    [
      'a trace of several worlds',
      ['--worlds', '2', '--trace'],
      /--trace shows a single world: name its --seed/,
    ],
    ['an argument', ['seven'], /crosslink simulate takes no 'seven'/],
  ] as const) {
    test(`refuses ${what}`, async () => {
      const { code, stdout, stderr } = await crosslink('simulate', ...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.match(stderr, /crosslink help simulate shows the options/);
      assert.equal(stdout, '');
    });
  }

  test('tells what the world of a seed is, and how it went', async () => {
    const { code, stdout } = await crosslink('simulate', '--seed', '3');
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^Grafana 0: /);
    assert.match(stdout, /gateway of /);
    assert.match(stdout, /\nseed 3: \d+ hooks\n1 passed, 0 failed\n$/);
  });

  test('shows each step, the same ones each time', async () => {
    const [one, other] = await Promise.all([
      crosslink('simulate', '--seed', '4', '--trace'),
      crosslink('simulate', '--seed', '4', '--trace'),
    ]);
    assert.match(one.stdout, /\n {2}\S+\/0 install begins\n/);
    assert.match(one.stdout, /\n {2}TROUBLE ENDS\n/);
    assert.equal(one.stdout, other.stdout);
  });

  test('counts what many worlds went through', async () => {
    const { code, stdout } = await crosslink('simulate', '--worlds', '12');
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^12 worlds from seed 1 on, \d+ hooks \(\d+ each\), \d+ s\n/);
    assert.match(stdout, /\n {2}kill +\d+\n/);
    assert.match(stdout, /\n12 passed, 0 failed\n$/);
  });

  test('its help says what it does', async () => {
    const { code, stdout } = await crosslink('help', 'simulate');
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: crosslink simulate/);
    assert.ok(stdout.split('\n').every((line) => line.length <= 80));
  });
});
