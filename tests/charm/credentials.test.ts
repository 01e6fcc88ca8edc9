import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { HookEvent } from '#lib/juju';
import { generateToken } from '#src/grafana/embedded';
import { grafanaPerTest } from './gateway-grafana.ts';
import { gatewayWorld, runCharm, said, source, withConfig } from './worlds.ts';

suite('charm: credentials', () => {
  const { grafana } = grafanaPerTest({ adminUser: 'root', adminPassword: 'pass:wörd' });

  const tempo = () => source('tempo', { app: 'http://tempo' });

  for (const [what, content] of [
    ['a token', () => ({ token: grafana.token })],
    ['a token that ends in a newline, as a file does', () => ({ token: `${grafana.token}\n` })],
    ['username and password', () => ({ username: 'root', password: 'pass:wörd' })],
    ['username and password that end in newlines', () => ({ username: 'root\n', password: 'pass:wörd\r\n' })],
    ['a token among other things', () => ({ token: grafana.token, note: 'made by hand' })],
  ] as const) {
    test(`log in with ${what}`, async () => {
      const out = await runCharm('config-changed', gatewayWorld(grafana, [tempo()], { content: content() }));
      assert.deepEqual(out.state.unitStatus, { status: 'active', message: `1 datasource in ${grafana.url}` });
      assert.equal(grafana.datasources().length, 1);
    });
  }

  test('a secret without a grant blocks, and the status says which command mends it', async () => {
    const given = gatewayWorld(grafana, [tempo()], { granted: false });
    const out = await runCharm('config-changed', given);
    assert.equal(out.state.unitStatus.status, 'blocked');
    assert.match(out.state.unitStatus.message, /juju grant-secret <name> app$/);
    assert.deepEqual(grafana.requests, []);
    // When it is granted, the next hook does the work
    const granted = { ...out.state, secrets: out.state.secrets.map((one) => ({ ...one, granted: true })) };
    assert.equal((await runCharm('update-status', granted)).state.unitStatus.status, 'active');
  });

  for (const [what, uri] of [
    ['an unknown secret', 'secret:nobodyknows000000000'],
    ['what is no secret', 'my token'],
  ] as const) {
    test(`${what} blocks`, async () => {
      const given = withConfig(gatewayWorld(grafana, [tempo()]), { 'grafana-token': uri });
      const out = await runCharm('config-changed', given);
      assert.equal(out.state.unitStatus.status, 'blocked');
      assert.match(out.state.unitStatus.message, /^grafana-token: no such secret/);
      assert.deepEqual(grafana.requests, []);
    });
  }

  for (const content of [
    { password: 'hunter22' },
    { username: 'root' },
    { 'api-key': 'hunter22' },
    { token: '', password: 'hunter22' },
    { token: '\n' },
  ] as Record<string, string>[]) {
    test(`a secret with the keys ${Object.keys(content).join(' and ')} alone blocks, and names the right ones`, async () => {
      const out = await runCharm('config-changed', gatewayWorld(grafana, [tempo()], { content }));
      assert.equal(out.state.unitStatus.status, 'blocked');
      assert.match(out.state.unitStatus.message, /key token, or username and password$/);
      assert.doesNotMatch(said(out), /hunter22/);
    });
  }

  test('what no token can be is said to be none', async () => {
    for (const token of ['two words', 'päss']) {
      const out = await runCharm('config-changed', gatewayWorld(grafana, [tempo()], { content: { token } }));
      assert.equal(out.state.unitStatus.status, 'blocked');
      assert.match(out.state.unitStatus.message, /^put a valid token/);
    }
  });

  test('a new revision of the secret is read at once', async () => {
    // Given a gateway that tracks a revision whose token Grafana takes no more
    const old = gatewayWorld(grafana, [tempo()], { content: { token: generateToken() } });
    const refused = await runCharm('config-changed', old);
    assert.equal(refused.state.unitStatus.status, 'blocked');
    // When the operator puts in a new one
    const secrets = refused.state.secrets.map((secret) => ({
      ...secret,
      revisions: [...secret.revisions, { revision: 2, content: { token: grafana.token } }],
    }));
    const [{ id: secretId } = { id: '' }] = secrets;
    const event: HookEvent = { kind: 'secret-changed', secretId: `secret:${secretId}`, label: '' };
    const out = await runCharm(event, { ...refused.state, secrets });
    // Then it is used
    assert.equal(out.state.unitStatus.status, 'active');
    assert.equal(grafana.datasources().length, 1);
  });

  test('a follower does not read the secret: it has no use for it', async () => {
    const given = gatewayWorld(grafana, [tempo()], { leader: false, granted: false });
    const out = await runCharm('config-changed', given);
    assert.deepEqual(out.state.unitStatus, {
      status: 'active',
      message: 'standing by: the leader provisions',
    });
  });

  suite('are told to nobody', () => {
    const password = 'hunter22-in-clear';
    const held = 'sekret-value-of-a-source';

    const faults = [
      ['works', () => {}],
      ['refuses the login', () => grafana.misbehave({ status: 401 })],
      ['forbids it', () => grafana.misbehave({ status: 403 })],
      ['fails', () => grafana.misbehave({ status: 500 })],
      ['refuses to write', () => grafana.misbehave({ match: { method: 'POST' }, status: 400 })],
      ['drops the connection', () => grafana.misbehave({ drop: true })],
      ['drops it when it is written to', () => grafana.misbehave({ match: { method: 'POST' }, drop: true })],
      [
        'sends back what it got',
        () => grafana.misbehave({ answer: { status: 400, body: echo() }, match: { method: 'POST' } }),
      ],
      [
        'sends back what it got when it is listed',
        () => grafana.misbehave({ answer: { status: 400, body: echo() } }),
      ],
      [
        'redirects',
        () => grafana.misbehave({ answer: { status: 302, headers: { location: `/${password}` } } }),
      ],
    ] as const;
    function echo(): string {
      return JSON.stringify({ message: `no ${grafana.token} ${password} ${basic()} ${held}` });
    }
    function basic(): string {
      return Buffer.from(`root:${password}`).toString('base64');
    }

    for (const [what, break_] of faults) {
      for (const kind of ['token', 'password'] as const) {
        test(`with a ${kind}, when Grafana ${what}`, async () => {
          // Given a source with secrets of its own, and a Grafana in this condition
          const secure = source('tempo', {
            app: 'http://tempo',
            data: { secure_extra_fields: { httpHeaderValue1: held } },
          });
          const content = kind === 'token' ? { token: grafana.token } : { username: 'root', password };
          const given = gatewayWorld(grafana, [secure], { content });
          break_();
          // When any hook runs, once and again, and someone asks for an explanation
          const first = await runCharm('config-changed', given);
          const second = await runCharm('update-status', first.state);
          const action: HookEvent = { kind: 'action', action: 'explain', actionId: '1' };
          const third = await runCharm(action, { ...second.state, actionParameters: {} });
          // Then none of what they say holds a secret
          for (const out of [first, second, third]) {
            for (const secret of [grafana.token, password, basic(), held]) {
              assert.ok(!said(out).includes(secret), `${secret} in ${said(out)}`);
            }
          }
          // And neither does anything that a Viewer can read in Grafana
          const shown = JSON.stringify(grafana.datasources());
          for (const secret of [grafana.token, password, held]) assert.ok(!shown.includes(secret));
        });
      }
    }

    test('whatever they are', async () => {
      const printable = fc.string({ minLength: 8, maxLength: 40 }).filter((text) => text.trim().length >= 8);
      await fc.assert(
        fc.asyncProperty(printable, printable, fc.boolean(), async (secret, other, isToken) => {
          // Secrets that are part of what is said anyway prove nothing.
          const content = isToken ? { token: `s3${secret}` } : { username: 'root', password: `s3${secret}` };
          const data = { secure_extra_fields: { key: `s4${other}` } };
          const given = gatewayWorld(grafana, [source('tempo', { app: 'http://tempo', data })], { content });
          const out = await runCharm('config-changed', given);
          const text = [out.statuses, out.logs, out.changes, out.state.unitStatus]
            .flatMap(strings)
            .join('\n');
          assert.ok(!text.includes(`s3${secret.trim()}`) && !text.includes(`s4${other}`), text);
        }),
        { numRuns: 40 },
      );
    });
  });
});

/** Every string in a value, keys included: unlike JSON it shows them as they are. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return [...Object.keys(value), ...Object.values(value).flatMap(strings)];
}
