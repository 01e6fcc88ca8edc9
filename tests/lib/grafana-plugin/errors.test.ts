import assert from 'node:assert/strict';
import {
  DatasourceError,
  downstreamError,
  isCancelled,
  sourceOf,
  sourceOfStatus,
  statusOf,
} from '../../../lib/grafana-plugin/errors.ts';

const withCode = (code: string) => Object.assign(new Error('no'), { code });

suite('errors of a plugin', () => {
  test('an error of any kind is one of the plugin with status 500', () => {
    for (const thrown of [new Error('no'), 'text', undefined, null, 7]) {
      assert.equal(statusOf(thrown), 500);
      assert.equal(sourceOf(thrown), 'plugin');
    }
  });

  for (const { name, error, status, source } of [
    {
      name: 'a timeout',
      error: new DOMException('too late', 'TimeoutError'),
      status: 504,
      source: 'downstream',
    },
    { name: "a socket's timeout", error: withCode('ETIMEDOUT'), status: 504, source: 'downstream' },
    {
      name: "undici's timeout",
      error: withCode('UND_ERR_CONNECT_TIMEOUT'),
      status: 504,
      source: 'downstream',
    },
    { name: 'a refused connection', error: withCode('ECONNREFUSED'), status: 502, source: 'plugin' },
    { name: 'a file that may not be read', error: withCode('EACCES'), status: 401, source: 'plugin' },
  ] as const) {
    test(`${name} has status ${status} and is the fault of ${source}`, () => {
      assert.equal(statusOf(error), status);
      assert.equal(sourceOf(error), source);
      assert.equal(statusOf(new Error('wrapped', { cause: error })), status);
    });
  }

  test('a wrapped error counts as what it says of itself', () => {
    const error = new Error('outer', { cause: downstreamError('the database is full', { status: 507 }) });
    assert.equal(statusOf(error), 507);
    assert.equal(sourceOf(error), 'downstream');
  });

  test('an error takes its status from what caused it, where it names none', () => {
    assert.equal(new DatasourceError('no answer', { cause: withCode('ECONNREFUSED') }).status, 502);
    assert.equal(new DatasourceError('no answer').status, 500);
  });

  test('a status that is none of an error hides neither the error nor what caused it', () => {
    for (const status of [200, 304, 0, 600, 404.5, Number.NaN]) {
      const { message, status: said } = downstreamError('it has moved', { status });
      assert.deepEqual([message, said], ['it has moved', 500]);
      assert.equal(new DatasourceError('no', { status, cause: withCode('ECONNREFUSED') }).status, 502);
    }
  });

  test('an error that is its own cause is no endless loop', () => {
    const error = new Error('round');
    error.cause = error;
    assert.equal(statusOf(error), 500);
    assert.equal(sourceOf(error), 'plugin');
  });

  test('an aborted call is nobody’s bug', () => {
    const { reason } = AbortSignal.abort();
    assert.ok(isCancelled(reason));
    assert.ok(isCancelled(new Error('wrapped', { cause: reason })));
    assert.equal(sourceOf(reason), 'downstream');
    assert.ok(!isCancelled(new Error('no')));
  });

  test('statuses that say that the request was wrong are the plugin’s', () => {
    for (const status of [405, 413, 501]) assert.equal(sourceOfStatus(status), 'plugin');
    for (const status of [400, 401, 404, 429, 500, 503]) assert.equal(sourceOfStatus(status), 'downstream');
  });
});
