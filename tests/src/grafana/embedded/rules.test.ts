import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bindCommand } from '../../../../src/grafana/embedded/bind.ts';
import { generateUid, provisionedUid, uidProblem } from '../../../../src/grafana/embedded/uid.ts';
import { isUrlAllowed } from '../../../../src/grafana/embedded/url-rule.ts';
import { gatesOf } from '../../../../src/grafana/embedded/version.ts';

suite('rules of the embedded Grafana', () => {
  suite('uids', () => {
    for (const [name, uid] of [
      ['My datasource name', 'P2AD1F727255C56BA'],
      ['Prometheus', 'PBFA97CFB590B2093'],
      ['Loki', 'P8E80F9AEF21F6940'],
      ['Tempo', 'P214B5B846CF3925F'],
    ] as const) {
      test(`file provisioning gives '${name}' the uid ${uid}`, () => assert.equal(provisionedUid(name), uid));
    }

    for (const uid of ['', 'a', 'A-b_9', 'x'.repeat(40)]) {
      test(`'${uid}' is an allowed uid`, () => assert.equal(uidProblem(uid), undefined));
    }
    for (const uid of ['x'.repeat(41), 'ü'.repeat(20), 'a b', 'a.b', 'a/b', 'a\n']) {
      test(`'${uid}' is no allowed uid`, () => assert.ok(uidProblem(uid)));
    }

    test('made uids are allowed, of their style, and differ', () => {
      const styles = {
        short: /^[\w-]{9}$/,
        uuid: /^[a-f][0-9a-f-]{35}$/,
        snowflake: /^[a-f][0-9a-z]{12}[a-f]$/,
      };
      for (const [style, form] of Object.entries(styles) as ['short' | 'uuid' | 'snowflake', RegExp][]) {
        const uids = Array.from({ length: 100 }, () => generateUid(style, () => Date.UTC(2026, 0)));
        for (const uid of uids) {
          assert.match(uid, form);
          assert.equal(uidProblem(uid), undefined);
        }
        assert.ok(new Set(uids).size > 98, style);
      }
    });
  });

  suite('URLs', () => {
    for (const url of [
      'http://tempo:3200',
      'https://a.b/c?d=%zz',
      'localhost:3100',
      'http://[::1]:80',
      'http://u:p@h/',
      'tempo',
    ]) {
      test(`'${url}' is taken`, () => assert.equal(isUrlAllowed('tempo', url), true));
    }
    for (const url of [
      '',
      'http://a b',
      'http://a:port',
      '://a',
      '1http://a',
      'http://[::1',
      'http://a/%zz',
      'http://a\n',
    ]) {
      test(`${JSON.stringify(url)} is refused`, () => assert.equal(isUrlAllowed('tempo', url), false));
    }
    test('an empty URL is fine for a type that needs none', () =>
      assert.equal(isUrlAllowed('cloudwatch', ''), true));
    test('the URL of a SQL server is no URL', () =>
      assert.equal(isUrlAllowed('mssql', 'host\\instance:1433'), true));
  });

  suite('bodies', () => {
    const bind = (text: string, contentType = 'application/json') =>
      bindCommand({ contentType, text }, { nameOptional: false });
    const whole = '{"name":"a","type":"t","access":"proxy"}';

    test('a later key wins over an earlier one of another case', () => {
      assert.equal(bind('{"name":"a","NAME":"b","type":"t","access":"proxy"}')?.name, 'b');
    });
    test('a null secret is an empty one', () => {
      assert.deepEqual(bind(`${whole.slice(0, -1)},"secureJsonData":{"a":null}}`)?.secureJsonData, { a: '' });
    });
    test('a __proto__ key changes nothing', () => {
      const command = bind(`${whole.slice(0, -1)},"__proto__":{"url":"x"},"jsonData":{"__proto__":{"a":1}}}`);
      assert.equal(command?.url, '');
      assert.deepEqual(command?.jsonData, {});
      assert.equal(Object.getPrototypeOf(command?.jsonData), Object.prototype);
    });
    for (const trailer of ['', ' ', ' x', '}', ' {"name":"b"}', ']"']) {
      test(`'${trailer}' after the first value is ignored`, () =>
        assert.equal(bind(whole + trailer)?.name, 'a'));
    }
    for (const text of [
      '[]',
      '"a"',
      '1',
      'null',
      '{',
      '}',
      '{"name":1}',
      '{"version":1.5}',
      '{"jsonData":[]}',
    ]) {
      test(`${text} is no command`, () => {
        assert.equal(bind(text), undefined);
        const rest = text.startsWith('{"') ? `${whole.slice(0, -1)},${text.slice(1)}` : text;
        assert.equal(bind(rest), undefined);
      });
    }
    for (const contentType of ['text/plain', '', 'application/jsonp', 'application/x-www-form-urlencoded']) {
      test(`'${contentType}' is no content type for a command`, () =>
        assert.equal(bind(whole, contentType), undefined));
    }
    test('any text is read or refused, never an exception', () => {
      fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void bind(text)));
    });
  });

  suite('versions', () => {
    const refusing = ['11.6.15', '12.2.9', '12.3.7', '12.4.4', '13.0.2', '13.1.0', '14.0.0'];
    const silent = ['11.5.99', '11.6.14', '12.0.0', '12.1.9', '12.2.8', '12.3.6', '12.4.3', '13.0.1'];
    for (const version of refusing) {
      test(`${version} refuses a body with another uid`, () =>
        assert.equal(gatesOf(version).uidMismatchRefused, true));
    }
    for (const version of silent) {
      test(`${version} does not look for another uid`, () =>
        assert.equal(gatesOf(version).uidMismatchRefused, false));
    }
    for (const version of ['8.5.0', 'main', '']) {
      test(`'${version}' is not known`, () => assert.throws(() => gatesOf(version), TypeError));
    }
  });
});
