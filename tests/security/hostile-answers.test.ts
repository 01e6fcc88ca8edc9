import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { type GrafanaApiErrorCode, grafanaClient, isGrafanaApiError } from '#src/grafana';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { parseJson } from '../../src/grafana/json.ts';
import { gatewayWorld, ownGrafanaUid, runCharm, source } from '../charm/worlds.ts';
import { endlessly, HostileServer, RawHostileServer } from './servers.ts';

const auth = { kind: 'bearer', token: 'glsa_token' } as const;

async function codeOf(url: string, options: { timeoutMs?: number; limitBytes?: number } = {}) {
  const client = grafanaClient({ url, auth, retries: 0, ...options });
  const error = await client.listDatasources().catch((thrown: unknown) => thrown);
  return isGrafanaApiError(error) ? error.code : error;
}

suite('security: hostile answers', () => {
  suite('that are small on the wire and large here', () => {
    const mebi = 1024 * 1024;
    const packed = {
      gzip: (body: Buffer) => gzipSync(body, { level: 1 }),
      deflate: (body: Buffer) => deflateSync(body, { level: 1 }),
      br: (body: Buffer) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
      zstd: (body: Buffer) => zstdCompressSync(body),
    } as const;
    const repeated = (text: string, bytes: number) => Buffer.alloc(bytes, text);
    const list = (item: string, bytes: number) =>
      Buffer.concat([Buffer.from('['), repeated(`${item},`, bytes), Buffer.from(`${item}]`)]);
    const datasource = '{"id":1,"uid":"a","orgId":1,"name":"n","type":"tempo"}';
    // Below 32 MiB, so that they are read; what is made of them would be a hundred times as much.
    const bodies: readonly [what: string, body: () => Buffer, encoding: keyof typeof packed][] = [
      ['blanks without end', () => repeated(' ', 200 * mebi), 'gzip'],
      ['blanks without end, deflated', () => repeated(' ', 200 * mebi), 'deflate'],
      ['blanks without end, in brotli', () => repeated(' ', 200 * mebi), 'br'],
      ['blanks without end, in a packing that was not asked for', () => repeated(' ', 200 * mebi), 'zstd'],
      ['millions of numbers', () => list('0', 30 * mebi), 'gzip'],
      ['millions of objects', () => list('{}', 30 * mebi), 'br'],
      ['millions of empty texts', () => list('""', 30 * mebi), 'gzip'],
      ['millions of brackets, one within the other', () => repeated('[', 30 * mebi), 'gzip'],
      ['half a million datasources', () => list(datasource, (500_000 * (datasource.length + 1)) | 0), 'gzip'],
    ];
    for (const [what, body, encoding] of bodies) {
      test(`${what}: an error, in a hundred and some MiB`, async () => {
        const bytes = packed[encoding](body());
        await using server = await HostileServer.start((_, response) => {
          response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding });
          response.end(bytes);
        });
        const reader = fileURLToPath(new URL('read-answer.ts', import.meta.url));
        // What a small unit has.
        const args = ['--max-old-space-size=160', reader, server.url];
        const { stdout } = await promisify(execFile)(process.execPath, args);
        const { code, maxRssKiB } = JSON.parse(stdout) as { code: string; maxRssKiB: number };
        assert.equal(code, 'MISCONFIGURED');
        assert.ok(maxRssKiB < 512 * 1024, `${maxRssKiB} KiB`);
      });
    }

    test('the limit is on what was unpacked', async () => {
      const body = Buffer.from(`[${' '.repeat(5000)}]`);
      await using server = await HostileServer.start((_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body));
      });
      assert.equal(await codeOf(server.url, { limitBytes: 1000 }), 'MISCONFIGURED');
    });

    for (const encoding of ['gzip', 'deflate', 'br']) {
      test(`${encoding} that is none, and ${encoding} that is cut short`, async () => {
        const whole = packed[encoding as 'gzip'](Buffer.from('[]'));
        for (const bytes of [Buffer.from('[]'), whole.subarray(0, whole.length - 3), Buffer.alloc(0)]) {
          await using server = await HostileServer.start((_, response) => {
            response.writeHead(200, { 'content-encoding': encoding }).end(bytes);
          });
          const read = await codeOf(server.url);
          // Nothing that is cut short is taken for the whole.
          if (Array.isArray(read)) assert.deepEqual(read, []);
          else assert.match(String(read), /^(UNREACHABLE|MISCONFIGURED)$/);
        }
      });
    }
  });

  suite('that never end', () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
    const bodies: readonly [
      what: string,
      speak: Parameters<typeof RawHostileServer.start>[0],
      code: GrafanaApiErrorCode,
    ][] = [
      [
        'a body',
        (socket) => {
          socket.write(`${head}\r\n[`);
          endlessly(socket, ' '.repeat(65_536));
        },
        'MISCONFIGURED',
      ],
      [
        'chunks',
        (socket) => {
          socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
          endlessly(socket, `10000\r\n${' '.repeat(65_536)}\r\n`);
        },
        'MISCONFIGURED',
      ],
      [
        'headers',
        (socket) => {
          socket.write(head);
          endlessly(socket, `x-more: ${'a'.repeat(1000)}\r\n`);
        },
        'UNREACHABLE',
      ],
      ['one header', (socket) => endlessly(socket, head), 'UNREACHABLE'],
      [
        'trailers',
        (socket) => {
          socket.write(`${head}transfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n`);
          endlessly(socket, `x-more: ${'a'.repeat(1000)}\r\n`);
        },
        'UNREACHABLE',
      ],
    ];
    for (const [what, speak, code] of bodies) {
      test(`${what}: ${code}`, async () => {
        await using server = await RawHostileServer.start(speak);
        assert.equal(await codeOf(server.url, { limitBytes: 1024 * 1024 }), code);
      });
    }

    const drips: readonly [what: string, start: string, drop: string][] = [
      ['a body, one byte after the other', `${head}\r\n[`, ' '],
      ['chunks, one byte after the other', `${head}transfer-encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
      ['a status line, one byte after the other', 'HTTP/1.1 200 ', 'a'],
      ['headers, one after the other', head, 'a: b\r\n'],
      ['interim answers', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
      ['silence', '', ''],
    ];
    for (const [what, start, drop] of drips) {
      test(`${what}: each is soon enough, and all together are not`, async () => {
        await using server = await RawHostileServer.start((socket) => {
          socket.write(start);
          endlessly(socket, drop, 5);
        });
        assert.equal(await codeOf(server.url, { timeoutMs: 100 }), 'TIMEOUT');
      });
    }
  });

  suite('that are strange JSON', () => {
    const json = (body: string) =>
      HostileServer.start((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      });
    const datasource = (rest: string) =>
      `[{"id":1,"uid":"a","orgId":1,"name":"n","type":"tempo","jsonData":{"a":${rest}}}]`;

    for (const depth of [1_000, 10_000, 100_000]) {
      test(`nested ${depth} deep, in each form`, async () => {
        for (const [open, inner, close] of [
          ['[', '', ']'],
          ['{"a":', '1', '}'],
          ['[{"a":', '1', '}]'],
        ] as const) {
          await using server = await json(datasource(`${open.repeat(depth)}${inner}${close.repeat(depth)}`));
          assert.equal(await codeOf(server.url), 'MISCONFIGURED');
        }
      });
    }

    test('nested as deep as it may be: a hook works through it', async () => {
      const grafana = await EmbeddedGrafana.start();
      const given = gatewayWorld(grafana, [source('tempo', { app: 'http://tempo' })]);
      const { state } = await runCharm('config-changed', given);
      const held = JSON.stringify(grafana.datasources());
      const depth = 190;
      const body = held.replace('"jsonData":{', `"jsonData":{"a":${'['.repeat(depth)}${']'.repeat(depth)},`);
      grafana.misbehave({
        match: { method: 'GET' },
        answer: { status: 200, headers: { 'content-type': 'application/json' }, body },
      });
      const out = await runCharm('update-status', state);
      await grafana.stop();
      assert.equal(out.state.unitStatus.status, 'active', out.state.unitStatus.message);
      assert.deepEqual(grafana.writes.length, 1);
    });

    test('brackets in texts are none', () => {
      const anyNested = fc.letrec((tie) => ({
        value: fc.oneof(
          { depthSize: 'small', withCrossShrink: true },
          fc.constantFrom('[[[[', '"', '\\', '\\"', '}}}', ',,,', '\u2028', ''),
          fc.string({ unit: 'binary' }),
          fc.double({ noDefaultInfinity: true, noNaN: true }),
          fc.array(tie('value'), { maxLength: 5 }),
          fc.dictionary(fc.string(), tie('value'), { maxKeys: 5 }),
        ),
      })).value;
      fc.assert(
        fc.property(anyNested, (value) => {
          const text = JSON.stringify(value);
          if (text.includes('__proto__')) return;
          assert.deepEqual(parseJson(text), JSON.parse(text));
        }),
      );
      const brackets = JSON.stringify({
        a: '['.repeat(10_000),
        [`b${'{'.repeat(500)}`]: `\\"${','.repeat(2_000_000)}`,
      });
      assert.deepEqual(parseJson(brackets), JSON.parse(brackets));
    });

    test('a prototype is nothing that an answer can name, however it spells it', async () => {
      const keys = ['__proto__', '\\u005f_proto__', '__\\u0070roto__', '__proto\\u005F\\u005f'];
      for (const key of keys) {
        const evil = `{"${key}":{"isAdmin":true,"readOnly":true}}`;
        await using server = await json(
          `[{"id":1,"uid":"a","orgId":1,"name":"n","type":"tempo","${key}":{"readOnly":true},"jsonData":${evil}}]`,
        );
        const [only, ...more] = await grafanaClient({ url: server.url, auth }).listDatasources();
        assert.deepEqual([only?.readOnly, only?.jsonData, more], [false, {}, []]);
        assert.equal(Object.getPrototypeOf(only?.jsonData ?? null), Object.prototype);
      }
      assert.equal('isAdmin' in {}, false);
    });

    const strange: readonly [what: string, item: string][] = [
      ['a number beyond numbers', '{"id":1e999,"uid":"a","orgId":1,"name":"n","type":"t"}'],
      ['a number of a megabyte', `{"id":${'9'.repeat(1_000_000)},"uid":"a","orgId":1,"name":"n","type":"t"}`],
      ['a list for a text', '{"id":1,"uid":["a"],"orgId":1,"name":"n","type":"t"}'],
      ['an object for a list', '{}'],
      ['nothing', 'null'],
    ];
    for (const [what, item] of strange) {
      test(`${what} is an error that does not quote it`, async () => {
        await using server = await json(`[${item}]`);
        const client = grafanaClient({ url: server.url, auth });
        const error = await client.listDatasources().catch((thrown: unknown) => thrown);
        assert.ok(isGrafanaApiError(error, 'MISCONFIGURED'));
        assert.match(error.message, /^.{1,150}$/);
      });
    }
  });

  suite('that name what no path can hold', () => {
    for (const uid of [
      '..',
      '.',
      '',
      '../../../api/admin/users/1',
      'a?b',
      'a#b',
      'x%2f..',
      'a\r\nb',
      '\ud800',
    ]) {
      test(`a datasource ${JSON.stringify(uid)} with our marker is not ours`, async () => {
        const grafana = await EmbeddedGrafana.start();
        const marker = { gateway: ownGrafanaUid, application: 'gone', uid, keys: [], secureKeys: [] };
        const item = { id: 1, uid, orgId: 1, name: 'n', type: 'tempo', jsonData: { crosslink: marker } };
        grafana.misbehave({
          match: { method: 'GET', path: /^\/api\/datasources$/ },
          answer: {
            status: 200,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify([item]),
          },
          times: 1,
        });
        // No hook fails for it, as it would for a bug of ours
        const out = await runCharm(
          'config-changed',
          gatewayWorld(grafana, [source('tempo', { app: 'http://t' })]),
        );
        await grafana.stop();
        assert.equal(out.state.unitStatus.status, 'active');
        assert.deepEqual(
          grafana.requests.map(({ method, path }) => `${method} ${path}`),
          ['GET /api/datasources', 'POST /api/datasources'],
        );
      });

      test(`a correlation ${JSON.stringify(uid)} with our marker is not ours`, async () => {
        const grafana = await EmbeddedGrafana.start();
        const given = gatewayWorld(grafana, [source('tempo', { app: 'http://t' })], {
          config: { 'grafana-correlations': true },
        });
        const { state } = await runCharm('config-changed', given);
        const [sourceUID = ''] = grafana.datasources().map((one) => one.uid);
        const description = `[crosslink metrics-to-logs ${ownGrafanaUid}]`;
        const config = { field: 'a', target: {} };
        const correlation = {
          uid,
          sourceUID,
          targetUID: sourceUID,
          label: '',
          description,
          type: 'query',
          config,
        };
        grafana.clearRequests();
        grafana.misbehave({
          match: { method: 'GET', path: '/api/datasources/correlations' },
          answer: {
            status: 200,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ correlations: [correlation], totalCount: 1, page: 1, limit: 1000 }),
          },
        });
        const out = await runCharm('update-status', state);
        await grafana.stop();
        assert.equal(out.state.unitStatus.status, 'active', out.state.unitStatus.message);
        assert.deepEqual(
          grafana.requests.filter(({ path }) => /\/uid\//.test(path)),
          [],
        );
      });
    }
  });
});
