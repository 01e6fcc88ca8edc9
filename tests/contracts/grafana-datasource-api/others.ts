import assert from 'node:assert/strict';
import type { Row } from './row.ts';
import { base, byUid, isJson, list, one, run } from './row.ts';

export const others: readonly Row[] = [
  {
    title: 'tells its health to anybody',
    as: 'nobody',
    method: 'GET',
    path: '/api/health',
    status: 200,
    check: ({ database }) => assert.equal(database, 'ok'),
  },
  {
    title: 'tells the organisation of a token',
    method: 'GET',
    path: '/api/org',
    status: 200,
    check: ({ id, name, address }) => {
      assert.equal(typeof id, 'number');
      assert.equal(typeof name, 'string');
      assert.ok(isJson(address));
    },
  },
  {
    title: 'tells its version in the frontend settings, where datasources are keyed by name',
    given: [{ ...one, ...base }],
    method: 'GET',
    path: '/api/frontend/settings',
    status: 200,
    check: ({ buildInfo, datasources }) => {
      assert.ok(isJson(buildInfo) && typeof buildInfo.version === 'string');
      assert.ok(isJson(datasources) && isJson(datasources[one.name]));
    },
  },
  {
    title: 'answers 500 to a health check of an unknown uid',
    method: 'GET',
    path: `${byUid(`${run}-none`)}/health`,
    status: 500,
    message: 'Unable to load datasource metadata',
  },
  {
    title: 'checks no health of a uid with other characters',
    method: 'GET',
    path: `${list}/uid/a%20b/health`,
    status: 400,
    message: 'UID is invalid',
  },
  {
    title: 'knows no numeric ids',
    from: '13.0',
    method: 'GET',
    path: `${list}/1`,
    status: 404,
    message: 'Not found',
  },
  {
    title: 'takes only numeric ids',
    until: '13.0',
    method: 'GET',
    path: `${list}/one`,
    status: 400,
    message: 'id is invalid',
  },
];
