import assert from 'node:assert/strict';
import type { Row } from './row.ts';
import { badRequest, base, byUid, isJson, notFound, one, stale, two } from './row.ts';

export const updated: readonly Row[] = [
  {
    title: 'replaces jsonData as a whole, clears what is left out, and counts the version on',
    given: [{ ...one, ...base, user: 'u', database: 'd', basicAuth: true, jsonData: { a: 1, b: 2 } }],
    method: 'PUT',
    path: byUid(one.uid),
    body: { ...one, ...base, jsonData: { a: 3 }, version: 1 },
    status: 200,
    message: 'Datasource updated',
    afterwards: {
      path: byUid(one.uid),
      check: ({ jsonData, user, database, basicAuth, version }) => {
        assert.deepEqual(
          { jsonData, user, database, basicAuth, version },
          {
            jsonData: { a: 3 },
            user: '',
            database: '',
            basicAuth: false,
            version: 2,
          },
        );
      },
    },
  },
  {
    title: 'empties jsonData that is left out',
    given: [{ ...one, ...base, jsonData: { a: 1 } }],
    method: 'PUT',
    path: byUid(one.uid),
    body: { ...one, ...base },
    status: 200,
    check: ({ datasource }) => assert.deepEqual(isJson(datasource) && datasource.jsonData, {}),
  },
  {
    title: 'does not clear basicAuthUser by an empty string',
    given: [{ ...one, ...base, basicAuthUser: 'u' }],
    method: 'PUT',
    path: byUid(one.uid),
    body: { ...one, ...base, basicAuthUser: '' },
    status: 200,
    check: ({ datasource }) => assert.equal(isJson(datasource) && datasource.basicAuthUser, 'u'),
  },
  {
    title: 'does not clear the URL of a type that needs none',
    given: [{ ...one, ...base, type: 'no-such-plugin' }],
    method: 'PUT',
    path: byUid(one.uid),
    body: { ...one, type: 'no-such-plugin', access: 'proxy', url: '' },
    status: 200,
    check: ({ datasource }) => assert.equal(isJson(datasource) && datasource.url, base.url),
  },
  {
    title: 'needs a URL for a type that has to have one',
    given: [{ ...one, ...base }],
    method: 'PUT',
    path: byUid(one.uid),
    body: { ...one, type: 'tempo', access: 'proxy' },
    status: 400,
    message: 'Validation error, invalid URL',
  },
  {
    title: 'sets the version back to 1 when the body has none',
    given: [{ ...one, ...base }],
    steps: [['PUT', byUid(one.uid), { ...one, ...base, version: 1 }]],
    method: 'PUT',
    path: byUid(one.uid),
    body: { ...one, ...base, jsonData: { a: 1 } },
    status: 200,
    check: ({ datasource }) => {
      assert.ok(isJson(datasource));
      assert.equal(datasource.version, 1);
      assert.deepEqual(datasource.jsonData, { a: 1 });
    },
  },
  {
    title: 'takes a version from the future and counts on from there',
    given: [{ ...one, ...base }],
    method: 'PUT',
    path: byUid(one.uid),
    body: { ...one, ...base, version: 41 },
    status: 200,
    check: ({ datasource }) => assert.equal(isJson(datasource) && datasource.version, 42),
  },
  {
    title: 'refuses a stale version and changes nothing',
    given: [{ ...one, ...base }],
    steps: [['PUT', byUid(one.uid), { ...one, ...base, version: 1 }]],
    method: 'PUT',
    path: byUid(one.uid),
    body: { ...one, ...base, jsonData: { lost: true }, version: 1 },
    ...stale,
    afterwards: {
      path: byUid(one.uid),
      check: ({ version, jsonData }) => assert.deepEqual({ version, jsonData }, { version: 2, jsonData: {} }),
    },
  },
  {
    title: 'merges secrets by key and unsets an empty one',
    given: [{ ...one, ...base, secureJsonData: { kept: 'a-secret', emptied: 'b-secret' } }],
    method: 'PUT',
    path: byUid(one.uid),
    body: { ...one, ...base, secureJsonData: { emptied: '', added: 'c-secret' } },
    status: 200,
    check: ({ datasource }) =>
      assert.deepEqual(isJson(datasource) && datasource.secureJsonFields, { kept: true, added: true }),
  },
  {
    title: 'keeps the uid when the body has none',
    given: [{ ...one, ...base }],
    method: 'PUT',
    path: byUid(one.uid),
    body: { name: two.name, ...base },
    status: 200,
    check: ({ datasource, name }) => {
      assert.equal(name, two.name);
      assert.equal(isJson(datasource) && datasource.uid, one.uid);
    },
  },
  {
    title: 'renames to a taken name as a conflict',
    from: '11.0',
    given: [
      { ...one, ...base },
      { ...two, ...base },
    ],
    method: 'PUT',
    path: byUid(one.uid),
    body: { ...base, uid: one.uid, name: two.name },
    status: 409,
    message: 'Failed to update datasource: data source with the same name already exists',
  },
  {
    title: 'renames to a taken name as an internal error',
    until: '9.5',
    given: [
      { ...one, ...base },
      { ...two, ...base },
    ],
    method: 'PUT',
    path: byUid(one.uid),
    body: { ...base, uid: one.uid, name: two.name },
    status: 500,
    message: 'Failed to update datasource',
  },
  {
    title: 'changes the uid',
    until: '11.6.15',
    given: [{ ...one, ...base }],
    method: 'PUT',
    path: byUid(one.uid),
    body: { ...base, name: one.name, uid: two.uid },
    status: 200,
    afterwards: { path: byUid(one.uid), status: 404 },
  },
  {
    title: 'does not change the uid and leaves both alone',
    from: '12.2',
    embeddedOnly: 'the patch releases that began with it are not known for sure',
    given: [{ ...one, ...base }],
    method: 'PUT',
    path: byUid(two.uid),
    body: { ...base, ...one },
    status: 400,
    afterwards: { path: byUid(one.uid), check: ({ version }) => assert.equal(version, 1) },
  },
  {
    title: 'updates no unknown uid',
    method: 'PUT',
    path: byUid(one.uid),
    body: { ...one, ...base },
    ...notFound,
  },
  {
    title: 'looks at the body before it looks for the uid',
    method: 'PUT',
    path: byUid(one.uid),
    body: '[',
    ...badRequest,
  },
  {
    title: 'has no PATCH',
    given: [{ ...one, ...base }],
    method: 'PATCH',
    path: byUid(one.uid),
    body: {},
    status: 404,
    message: 'Not found',
  },
];
