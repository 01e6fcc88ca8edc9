import assert from 'node:assert/strict';
import fc from 'fast-check';
import { grafana, operators, ownSecret, secretWorld } from './secure-json-data.ts';
import { changedNothing, runCharm, said, withConfig } from './worlds.ts';

suite('charm: secure-json-data of a datasource', () => {
  suite('blocks, and takes nothing away, with', () => {
    const hidden = 'v3ry-s3cret-value';
    const broken: readonly [string, Parameters<typeof secretWorld>[1], RegExp][] = [
      ['no grant', { granted: false }, /^secure-json-data: let app read it: juju grant-secret <name> app$/],
      [
        'another key',
        { content: { password: hidden } },
        /^secure-json-data: the secret needs the key secure-json-data$/,
      ],
      ['a bare password', { text: hidden }, /^secure-json-data: expected an object of texts/],
      ['a list', { text: `- ${hidden}` }, /^secure-json-data: expected an object of texts/],
      ['nothing in it', { text: '# later\n' }, /^secure-json-data: expected an object of texts/],
      [
        'what no YAML is',
        { text: `fine: x\nbad: "${hidden}\n` },
        /^secure-json-data: neither YAML nor JSON, line \d+$/,
      ],
      ['a key twice', { text: `a: x\na: ${hidden}\n` }, /^secure-json-data: neither YAML nor JSON, line 2$/],
      ['JSON cut off', { text: `{"a": "${hidden}` }, /^secure-json-data: neither YAML nor JSON/],
      [
        'a number',
        { text: 'basicAuthPassword: 12345678' },
        /^secure-json-data\.basicAuthPassword: expected text .*in quotes$/,
      ],
      ['a nested value', { text: `tls: {ca: ${hidden}}` }, /^secure-json-data\.tls: expected text/],
      ['an empty value', { text: 'password: ""' }, /^secure-json-data\.password: expected text that is not/],
      [
        'the password for a key',
        { text: `"${hidden}!": x` },
        /^secure-json-data: key number 1 is no name of a key/,
      ],
      ['__proto__', { text: `{"__proto__":"${hidden}"}` }, /^secure-json-data: may not set __proto__$/],
      [
        'aliases without end',
        {
          text: [
            'a: &a [x]',
            'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]',
            'c: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]',
          ].join('\n'),
        },
        /^secure-json-data/,
      ],
      ['nesting without end', { text: `a: ${'['.repeat(4000)}` }, /^secure-json-data/],
    ];
    for (const [what, given, message] of broken) {
      test(what, async () => {
        // Given a secret that was shared when it was well
        const first = await runCharm('config-changed', secretWorld([grafana()]));
        const bad = secretWorld([], given).secrets;
        const out = await runCharm('config-changed', {
          ...first.state,
          secrets: [...bad, ...first.state.secrets.filter(({ id }) => id !== operators)],
        });
        // Then it stays as it was
        assert.equal(out.state.unitStatus.status, 'blocked');
        assert.match(out.state.unitStatus.message, message);
        assert.deepEqual(out.changes.secrets, []);
        assert.deepEqual(out.changes.relationSettings, []);
        assert.ok(!said(out).includes(hidden), said(out));
        // And the next hook after it is mended is well
        const mended = await runCharm('update-status', { ...out.state, secrets: first.state.secrets });
        assert.deepEqual(mended.state.unitStatus, first.state.unitStatus);
        assert.ok(changedNothing(await runCharm('update-status', mended.state)));
      });
    }

    for (const value of ['secret:nobodyknows000000000', 'my password']) {
      test(`'${value}' for a secret`, async () => {
        const out = await runCharm(
          'config-changed',
          withConfig(secretWorld([grafana()]), { 'secure-json-data': value }),
        );
        assert.deepEqual(out.state.unitStatus, {
          status: 'blocked',
          message: 'secure-json-data: no such secret; see juju secrets',
        });
      });
    }
  });

  test('whatever text the secret holds, it is shared, or it blocks and stands in nothing that others see', async () => {
    const marker = 'zq7xk';
    const anyText = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(
        fc.constantFrom('{', '}', '"', ': ', '\n', '  - ', '&a ', '*a', '!!binary ', '|\n ', 'a', '#'),
        {
          maxLength: 12,
        },
      ),
      fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(anyText, fc.boolean(), async (given, before) => {
        const text = typeof given === 'string' ? given : given.join('');
        const marked = before ? `${marker}${text}` : `${text}${marker}`;
        const out = await runCharm('config-changed', secretWorld([grafana()], { text: marked }));
        assert.ok(['active', 'blocked'].includes(out.state.unitStatus.status));
        const shared = ownSecret(out.state) !== undefined;
        assert.equal(shared, out.state.unitStatus.status === 'active');
        if (!shared) {
          // A name that could be one of Grafana's keys is told; nothing else is.
          const { message } = out.state.unitStatus;
          const withoutKey = message.replace(/^secure-json-data\.[\w.-]+:/, '');
          assert.ok(!withoutKey.includes(marker), message);
        }
      }),
      { numRuns: 150 },
    );
  });
});
