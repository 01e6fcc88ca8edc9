import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { FetchAnswer, GrafanaAuth } from '#src/grafana';
import { GrafanaApiError, grafanaClient } from '#src/grafana';
import { Secrets } from '../../../src/grafana/secrets.ts';

suite('secrets and errors', () => {
  // Long enough not to turn up by chance, with characters that each encoding changes.
  const anySecret = fc
    .string({
      unit: fc.constantFrom('"', '\\', '\n', '%', 'ü', ' ', ...'QXZ789'),
      minLength: 12,
      maxLength: 30,
    })
    .filter((text) => text.trim().length >= 12);
  const anyToken = fc.stringMatching(/^[!-~]{12,40}$/);
  const anyAuth: fc.Arbitrary<GrafanaAuth> = fc.oneof(
    anyToken.map((token) => ({ kind: 'bearer' as const, token })),
    anySecret.map((password) => ({ kind: 'basic' as const, user: 'crosslink', password })),
  );

  /** Servers that send back what they got, in every place they have. */
  const anyEcho = fc.record({
    status: fc.constantFrom(200, 302, 400, 401, 403, 404, 409, 412, 429, 500, 503),
    form: fc.constantFrom('message', 'html', 'object', 'exception', 'cause', 'header'),
  });

  function echo(form: string, status: number, seen: string): FetchAnswer {
    if (form === 'exception') throw Object.assign(new Error(seen), { code: seen });
    if (form === 'cause') throw new Error('fetch failed', { cause: new Error(seen) });
    const body =
      form === 'message'
        ? JSON.stringify({ message: seen })
        : form === 'object'
          ? `{${JSON.stringify(seen)}:1}`
          : seen;
    return {
      status,
      headers: { get: () => (form === 'header' ? seen : null) },
      body: (async function* () {
        yield body;
      })(),
    };
  }

  test('no error holds a token, a password or a secret of a datasource, whatever the server sends back', async () => {
    await fc.assert(
      fc.asyncProperty(anyAuth, anySecret, anyEcho, async (auth, secret, { status, form }) => {
        const client = grafanaClient({
          url: 'http://grafana',
          auth,
          retries: 0,
          fetch: async (_url, { headers, body }) => {
            const own = auth.kind === 'bearer' ? auth.token : auth.password;
            return echo(form, status, `${JSON.stringify(headers)} ${body} ${own} ${secret}`);
          },
        });
        const secureJsonData = { password: secret };
        const error = await client
          .createDatasource({ name: 'a', type: 'tempo', access: 'proxy', secureJsonData })
          .catch((thrown: unknown) => thrown);
        assert.ok(error instanceof GrafanaApiError);
        const told = [
          inspect(error, { depth: 9 }),
          error.message,
          error.remedy,
          error.stack ?? '',
          JSON.stringify(error),
        ];
        for (const hidden of [auth.kind === 'bearer' ? auth.token : auth.password, secret]) {
          const spellings = [
            hidden,
            JSON.stringify(hidden).slice(1, -1),
            Buffer.from(hidden).toString('base64'),
          ];
          for (const text of told)
            for (const spelling of spellings) assert.equal(text.includes(spelling), false, text);
        }
      }),
    );
  });

  test('a text without secrets stays, on one line and within bounds', () => {
    const secrets = new Secrets(['hunter2hunter2', 'abc', '']);
    assert.equal(secrets.withhold(' two\n\tlines abc '), 'two lines abc');
    assert.equal(secrets.withhold('x'.repeat(500)).length, 200);
    assert.match(secrets.withhold('the password hunter2hunter2'), /withheld/);
    assert.match(secrets.withhold(`it was ${btoa('hunter2hunter2')}`), /withheld/);
  });

  test('a secret that is cut off or broken over lines by the server is found all the same', () => {
    assert.match(new Secrets(['first second']).withhold('first\nsecond'), /withheld/);
    assert.match(new Secrets(['first\nsecond']).withhold('first second'), /withheld/);
  });
});
