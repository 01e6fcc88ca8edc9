import assert from 'node:assert/strict';
import fc from 'fast-check';
import { httpUrl } from '../../../src/relations/http-url.ts';

suite('addresses that peers publish', () => {
  for (const [text, url] of [
    ['http://tempo:3200', 'http://tempo:3200'],
    ['https://tempo.example/tempo/', 'https://tempo.example/tempo/'],
    ['HTTP://tempo', 'HTTP://tempo'],
    ['host:80', 'http://host:80'],
    ['10.1.2.3', 'http://10.1.2.3'],
    ['[fd00::1]:3200', 'http://[fd00::1]:3200'],
    ['  http://tempo:3200\n', 'http://tempo:3200'],
    [
      'http://mimir.cos.svc.cluster.local:8080/prometheus',
      'http://mimir.cos.svc.cluster.local:8080/prometheus',
    ],
  ] as const) {
    test(`${JSON.stringify(text)} is ${url}`, () => assert.equal(httpUrl(text), url));
  }

  for (const text of [
    '',
    ' ',
    'file:///etc/passwd',
    'ftp://tempo',
    'javascript://tempo/%0aalert(1)',
    'javascript:alert(1)',
    'data:text/html,hello',
    'gopher://tempo:70',
    'http://',
    'http://tempo:port',
    'http://a b',
    'http://a\nb',
    'http://a/\tb',
    'ht\ntp://tempo',
    'http://a/\u0000',
    `http://${'a'.repeat(255)}`,
    `tempo/${'a'.repeat(245)}`, // too long once it has a scheme
  ]) {
    const name = text.length > 40 ? `${text.slice(0, 40)}... (${text.length})` : text;
    test(`${JSON.stringify(name)} is no address`, () => assert.equal(httpUrl(text), undefined));
  }

  test('whatever is let through is http or https, on one line, short enough for Grafana, and stays as it is', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc
        .tuple(
          fc.constantFrom('http://', 'https://', 'ftp://', ''),
          fc.string(),
          fc.string({ maxLength: 300 }),
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const url = httpUrl(text);
        if (url === undefined) return;
        assert.match(url, /^https?:\/\/\P{Cc}+$/iu);
        assert.ok(Buffer.byteLength(url) <= 255);
        assert.ok(['http:', 'https:'].includes(new URL(url).protocol));
        assert.equal(httpUrl(url), url);
      }),
    );
  });
});
