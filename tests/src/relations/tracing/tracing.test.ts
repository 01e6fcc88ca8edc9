import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  readTracingAnswer,
  readTracingRequest,
  requestDatabag,
  tracingAnswerDatabag,
} from '#src/relations/tracing';
import { anyJsonText } from '../databags.ts';

const otlp = (url: unknown, type: unknown = 'http') => ({ protocol: { name: 'otlp_http', type }, url });
const read = (receivers: unknown) =>
  readTracingAnswer({ receivers: typeof receivers === 'string' ? receivers : JSON.stringify(receivers) });

suite('tracing', () => {
  suite('as requirer', () => {
    test('asks for OTLP over HTTP, byte for byte as the Python library', () => {
      assert.deepEqual(requestDatabag(), { receivers: '["otlp_http"]' });
      assert.equal(requestDatabag(['zipkin', 'otlp_http']).receivers, '["zipkin", "otlp_http"]');
    });

    test('a backend that has not answered is no trouble', () => {
      for (const databag of [{}, { receivers: '' }, { receivers: '[]' }, { other: 'x' }]) {
        assert.deepEqual(readTracingAnswer(databag), { answer: { otlpHttpUrl: null }, issues: [] });
      }
    });

    test('reads the URL of OTLP over HTTP, whatever else there is', () => {
      const grpc = { protocol: { name: 'otlp_grpc', type: 'grpc' }, url: 'tempo:4317' };
      assert.deepEqual(read([grpc, otlp('http://tempo:4318')]), {
        answer: { otlpHttpUrl: 'http://tempo:4318' },
        issues: [],
      });
    });

    test('a backend without OTLP over HTTP has no URL, and nothing is wrong with that', () => {
      const grpc = { protocol: { name: 'otlp_grpc', type: 'grpc' }, url: 'tempo:4317' };
      assert.deepEqual(read([grpc]), { answer: { otlpHttpUrl: null }, issues: [] });
    });

    for (const [given, url] of [
      ['https://traefik/cos-tempo/', 'https://traefik/cos-tempo'],
      ['http://[::1]:4318///', 'http://[::1]:4318'],
      ['tempo.cos.svc.cluster.local:4318', 'http://tempo.cos.svc.cluster.local:4318'],
    ] as const) {
      test(`'${given}' is ${url}`, () => assert.equal(read([otlp(given)]).answer.otlpHttpUrl, url));
    }

    for (const bad of [
      'ftp://tempo',
      'http://',
      'http://user:word@tempo:4318',
      'http://tempo:4318/?org=1',
      'http://tempo:4318/#top',
      'http://tem\npo',
    ]) {
      test(`${JSON.stringify(bad)} is a finding, which does not repeat it`, () => {
        const { answer, issues } = read([otlp(bad)]);
        assert.equal(answer.otlpHttpUrl, null);
        assert.equal(issues.length, 1);
        assert.equal(issues[0]?.key, 'receivers');
        assert.equal(issues[0]?.path, '[0].url');
        assert.ok(!JSON.stringify(issues).includes(bad));
      });
    }

    test('a bad entry does not cost the others', () => {
      const { answer, issues } = read([otlp(7), null, 'x', {}, otlp('ftp://a'), otlp('http://tempo:4318')]);
      assert.equal(answer.otlpHttpUrl, 'http://tempo:4318');
      assert.deepEqual(
        [...new Set(issues.map(({ path }) => path.slice(0, 3)))],
        ['[0]', '[1]', '[2]', '[3]', '[4]'],
      );
    });

    test('never throws, and gives nothing but http(s) URLs', () => {
      const anyUrl = fc.oneof(fc.string(), fc.webUrl({ validSchemes: ['http', 'https', 'ftp'] }), anyText());
      const anyList = fc.array(
        fc.oneof(
          anyUrl.map((url) => otlp(url)),
          fc.json().map((text) => JSON.parse(text)),
        ),
      );
      fc.assert(
        fc.property(
          fc.oneof(
            anyJsonText,
            anyList.map((list) => JSON.stringify(list)),
            fc.string(),
          ),
          (text) => {
            const { otlpHttpUrl } = readTracingAnswer({ receivers: text }).answer;
            if (otlpHttpUrl === null) return;
            const url = new URL(`${otlpHttpUrl}/v1/traces`);
            assert.match(url.protocol, /^https?:$/);
            assert.match(url.pathname, /\/v1\/traces$/);
            assert.equal(url.search + url.hash + url.username + url.password, '');
          },
        ),
      );
    });
  });

  suite('as provider', () => {
    test('reads what is asked for', () => {
      assert.deepEqual(readTracingRequest({ receivers: '["otlp_http", "zipkin"]' }), {
        protocols: ['otlp_http', 'zipkin'],
        issues: [],
      });
    });

    test('an application that has not asked, and one that can not be read', () => {
      assert.deepEqual(readTracingRequest({}), { protocols: null, issues: [] });
      for (const bad of ['', 'otlp_http', '{}', '[1]', 'null']) {
        assert.equal(readTracingRequest({ receivers: bad }).protocols, null);
      }
    });

    test('answers byte for byte as the Python library', () => {
      assert.deepEqual(
        tracingAnswerDatabag([{ protocol: { name: 'otlp_http', type: 'http' }, url: 'http://t:4318' }]),
        {
          receivers: '[{"protocol": {"name": "otlp_http", "type": "http"}, "url": "http://t:4318"}]',
        },
      );
    });

    test('what one side writes the other reads', () => {
      const name = fc.stringMatching(/^[a-z_]{1,20}$/);
      fc.assert(
        fc.property(fc.array(name, { maxLength: 20 }), fc.webUrl(), (protocols, url) => {
          assert.deepEqual(readTracingRequest(requestDatabag(protocols)), { protocols, issues: [] });
          const base = url.replace(/[?#].*$/s, '').replace(/\/+$/, '');
          fc.pre(base.length <= 255);
          const receivers = [
            ...protocols
              .filter((one) => one !== 'otlp_http')
              .map((one) => ({ protocol: { name: one, type: 'grpc' }, url })),
            { protocol: { name: 'otlp_http', type: 'http' }, url: base },
          ];
          assert.deepEqual(readTracingAnswer(tracingAnswerDatabag(receivers)), {
            answer: { otlpHttpUrl: base },
            issues: receivers.flatMap(() => []),
          });
        }),
      );
    });

    test('never throws, whatever is asked for', () => {
      fc.assert(
        fc.property(fc.oneof(anyJsonText, fc.string()), (receivers) => {
          const { protocols } = readTracingRequest({ receivers });
          assert.ok(protocols === null || protocols.every((one) => typeof one === 'string'));
        }),
      );
    });
  });
});

/** Text with what could end a URL early. */
function anyText(): fc.Arbitrary<string> {
  const part = fc.constantFrom(
    'http://',
    'https://',
    'tempo',
    ':4318',
    '/',
    '//',
    '?',
    '#',
    '@',
    '\\',
    ' ',
    '%2f',
    '..',
  );
  return fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
}
