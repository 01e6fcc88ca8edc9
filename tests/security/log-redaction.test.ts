import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { grafanaClient } from '#src/grafana';
import { Secrets } from '../../src/grafana/secrets.ts';
import { HostileServer } from './servers.ts';
import {
  assertHidden,
  contents,
  core,
  echoing,
  held,
  parts,
  password,
  spellings,
  token,
  user,
} from './spellings.ts';

suite('security: secrets in what is told', () => {
  suite('of a client, whose server repeats what it got', () => {
    for (const [how, spell] of Object.entries(spellings)) {
      test(how, async () => {
        for (const [, , auth] of contents) {
          for (const which of parts) {
            await using server = await echoing(spell, 400, which);
            const client = grafanaClient({ url: server.url, auth, retries: 0 });
            const secureJsonData = { basicAuthPassword: held };
            const created = { name: 'a', type: 'tempo', access: 'proxy', secureJsonData } as const;
            for (const call of [
              () => client.createDatasource(created),
              () => client.updateDatasource('a', { ...created, version: 1 }),
              () => client.listDatasources(),
              () => client.deleteDatasource('a'),
            ]) {
              const told = await call().catch((thrown: unknown) => thrown);
              assertHidden(inspect(told, { depth: 9 }), token, password, held, `${user}:${password}`);
            }
          }
        }
      });
    }

    for (const status of [200, 400, 401, 403, 404, 409, 500, 501, 503]) {
      test(`with status ${status}, also where that is what it was asked for`, async () => {
        for (const [, , auth] of contents) {
          for (const which of parts) {
            await using server = await echoing(spellings['in HTML'] ?? String, status, which);
            const client = grafanaClient({ url: server.url, auth, retries: 0 });
            for (const call of [
              () => client.datasourceHealth('a'),
              () => client.health(),
              () => client.listDatasources(),
              () => client.listCorrelations(),
              () => client.deleteDatasource('a'),
            ]) {
              const told = await call().catch((thrown: unknown) => thrown);
              assertHidden(inspect(told, { depth: 9 }), token, password, held, `${user}:${password}`);
            }
          }
        }
      });
    }

    test('cut off after some of it', async () => {
      for (const length of [16, 24, 32]) {
        await using server = await echoing((text) => `${text.slice(0, length)}...`, 400);
        const client = grafanaClient({ url: server.url, auth: { kind: 'bearer', token }, retries: 0 });
        const error = await client.org().catch((thrown: unknown) => thrown);
        assertHidden(inspect(error, { depth: 9 }), token);
      }
    });

    test('a server that answers no HTTP but what it got', async () => {
      for (const [, , auth] of contents) {
        await using server = await HostileServer.start(({ headers }, response) => {
          response.socket?.end(`${headers.authorization}\r\nx: ${headers.authorization}\r\n\r\n`);
        });
        const client = grafanaClient({ url: server.url, auth, retries: 0 });
        const error = await client.org().catch((thrown: unknown) => thrown);
        assertHidden(inspect(error, { depth: 9, showHidden: true }), token, password, `${user}:${password}`);
      }
    });

    test('texts that repeat none stay what they are', () => {
      const secrets = new Secrets([token, password, held, `${user}:${password}`, 'two words', 'admin']);
      for (const text of [
        'data source with the same name already exists',
        'Validation error, invalid URL',
        'Invalid datasource UID.',
        "You'll need additional permissions to perform this action. Permissions needed: datasources:create",
        'Post "http://mimir:8080/api/v1/query?query=1%2B1": dial tcp: lookup mimir: no such host',
        'glsa_ is where tokens begin',
      ]) {
        assert.equal(secrets.withhold(text), text);
      }
    });

    test('a short text is never hidden by chance, a long secret always is, however it is written', () => {
      const anySecret = fc
        .string({ unit: fc.constantFrom(...'abcXYZ019&<>"\'/+ %\\üß='), minLength: 12, maxLength: 40 })
        .filter((text) => core(text).length >= 10);
      fc.assert(
        fc.property(anySecret, fc.constantFrom(...Object.keys(spellings)), (secret, how) => {
          const written = spellings[how]?.(secret) ?? '';
          assert.match(new Secrets([secret]).withhold(`no: ${written} (400)`), /withheld/);
        }),
      );
    });

    test('the time that it takes does not grow with what the server sends', () => {
      const secrets = new Secrets(['x'.repeat(8192), token]);
      const text = '%'.repeat(30_000_000);
      assert.equal(secrets.withhold(text).length, 200);
    });
  });
});
