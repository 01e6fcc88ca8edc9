import assert from 'node:assert/strict';
import type { Row } from './row.ts';
import { badRequest, base, byUid, isJson, list, one, run, two } from './row.ts';

export const created: readonly Row[] = [
  {
    title: 'creates with 200, fills in what the body leaves out, and ignores what it may not say',
    method: 'POST',
    path: list,
    body: {
      ...one,
      ...base,
      jsonData: { b: { d: 1, c: [] } },
      id: 4711,
      orgId: 99,
      readOnly: true,
      other: 1,
    },
    status: 200,
    message: 'Datasource added',
    check: ({ datasource, id, name }) => {
      assert.ok(isJson(datasource));
      assert.equal(id, datasource.id);
      assert.notEqual(id, 4711);
      assert.equal(name, one.name);
      const { typeLogoUrl: _logo, isDefault: _isDefault, id: _id, orgId: _orgId, ...rest } = datasource;
      assert.deepEqual(rest, {
        ...one,
        ...base,
        user: '',
        database: '',
        basicAuth: false,
        basicAuthUser: '',
        withCredentials: false,
        jsonData: { b: { d: 1, c: [] } },
        secureJsonFields: {},
        version: 1,
        readOnly: false,
      });
    },
  },
  {
    title: 'never tells a secret, and names the ones that are not empty',
    given: [{ ...one, ...base, secureJsonData: { password: 'hunter2hunter2', other: '' } }],
    method: 'GET',
    path: byUid(one.uid),
    status: 200,
    check: (json) => {
      assert.deepEqual(json.secureJsonFields, { password: true });
      assert.equal('secureJsonData' in json, false);
      assert.doesNotMatch(JSON.stringify(json), /hunter2/);
    },
  },
  {
    title: 'makes a uid where none is given',
    method: 'POST',
    path: list,
    body: { name: one.name, ...base },
    status: 200,
    check: ({ datasource }) => assert.match(String(isJson(datasource) && datasource.uid), /^[\w-]{5,40}$/),
  },
  {
    title: 'takes a type that is not installed, and no URL even where a later update needs one',
    method: 'POST',
    path: list,
    body: { ...one, type: 'no-such-plugin', access: 'proxy' },
    status: 200,
    check: ({ datasource }) => assert.equal(isJson(datasource) && datasource.url, ''),
  },
  {
    title: 'reads null as absent',
    method: 'POST',
    path: list,
    body: { ...one, ...base, jsonData: null, secureJsonData: null, isDefault: null },
    status: 200,
    check: ({ datasource }) => assert.deepEqual(isJson(datasource) && datasource.jsonData, {}),
  },
  {
    title: 'matches keys in any case and reads only the first JSON value',
    method: 'POST',
    path: list,
    body: `${JSON.stringify({ NAME: one.name, Uid: one.uid, ...base })} {"name":"trailing"}`,
    status: 200,
    check: ({ name }) => assert.equal(name, one.name),
  },
  {
    title: 'takes a content type with a charset',
    method: 'POST',
    path: list,
    contentType: 'application/json; charset=utf-8',
    body: { ...one, ...base },
    status: 200,
  },
  {
    title: 'refuses another content type',
    method: 'POST',
    path: list,
    contentType: 'text/plain',
    body: { ...one, ...base },
    ...badRequest,
  },
  { title: 'refuses an empty body', method: 'POST', path: list, body: '', ...badRequest },
  { title: 'refuses broken JSON', method: 'POST', path: list, body: '{"name":', ...badRequest },
  {
    title: 'refuses a body without a type',
    method: 'POST',
    path: list,
    body: { ...one, access: 'proxy' },
    ...badRequest,
  },
  {
    title: 'refuses a body without access',
    method: 'POST',
    path: list,
    body: { ...one, type: 'tempo' },
    ...badRequest,
  },
  {
    title: 'refuses a secret that is no string',
    method: 'POST',
    path: list,
    body: { ...one, ...base, secureJsonData: { a: 1 } },
    ...badRequest,
  },
  {
    title: 'refuses a boolean as a string',
    method: 'POST',
    path: list,
    body: { ...one, ...base, isDefault: 'no' },
    ...badRequest,
  },
  {
    title: 'refuses a URL that Go can not parse',
    method: 'POST',
    path: list,
    body: { ...one, ...base, url: 'http://tempo:port' },
    status: 400,
    message: 'Validation error, invalid URL',
  },
  {
    title: 'refuses a taken name',
    given: [{ ...one, ...base }],
    method: 'POST',
    path: list,
    body: { ...base, name: one.name, uid: two.uid },
    status: 409,
    message: 'data source with the same name already exists',
  },
  {
    title: 'refuses a taken uid',
    given: [{ ...one, ...base }],
    method: 'POST',
    path: list,
    body: { ...base, name: two.name, uid: one.uid },
    status: 409,
    message: 'data source with the same uid already exists',
  },
  {
    title: 'reports the name when name and uid are taken',
    given: [{ ...one, ...base }],
    method: 'POST',
    path: list,
    body: { ...one, ...base },
    status: 409,
    message: 'data source with the same name already exists',
  },
  {
    title: 'refuses a uid that is too long',
    from: '12.0',
    method: 'POST',
    path: list,
    body: { ...base, name: one.name, uid: `${run}-`.padEnd(41, 'x') },
    status: 400,
    message: 'Invalid datasource UID.',
    check: ({ messageId, statusCode }) => {
      assert.equal(messageId, 'datasource.uidInvalid');
      assert.equal(statusCode, 400);
    },
  },
  {
    title: 'refuses a uid with other characters',
    from: '12.0',
    method: 'POST',
    path: list,
    body: { ...base, name: one.name, uid: `${run}.1` },
    status: 400,
    message: 'Invalid datasource UID.',
  },
  {
    title: 'stores a uid with other characters',
    until: '11.2',
    method: 'POST',
    path: list,
    body: { ...base, name: one.name, uid: `${run}.1` },
    status: 200,
  },
  {
    title: 'refuses a long name',
    from: '11.0',
    method: 'POST',
    path: list,
    body: { ...base, uid: one.uid, name: `${run} `.padEnd(191, 'x') },
    status: 400,
    message: 'Invalid datasource name.',
  },
  {
    title: 'needs a name',
    until: '9.5',
    method: 'POST',
    path: list,
    body: { ...base, uid: one.uid },
    ...badRequest,
  },
];
