import assert from 'node:assert/strict';
import type { Row } from './row.ts';
import { base, byUid, list, one, run } from './row.ts';

const viewerReason = 'needs a token with the role Viewer';
export const access: readonly Row[] = [
  { title: 'refuses callers without credentials', as: 'nobody', method: 'GET', path: list, status: 401 },
  {
    title: 'refuses unknown credentials before it looks at the body',
    as: 'stranger',
    method: 'POST',
    path: list,
    body: '[',
    status: 401,
  },
  {
    title: 'refuses unknown credentials before it looks for the route',
    as: 'stranger',
    method: 'GET',
    path: '/api/no-such-route',
    status: 401,
  },
  {
    title: 'knows no such route',
    method: 'GET',
    path: '/api/no-such-route',
    status: 404,
    message: 'Not found',
  },
  {
    title: 'shows datasources to viewers, jsonData included',
    embeddedOnly: viewerReason,
    as: 'viewer',
    given: [{ ...one, ...base, jsonData: { a: 1 } }],
    method: 'GET',
    path: byUid(one.uid),
    status: 200,
    check: ({ jsonData }) => assert.deepEqual(jsonData, { a: 1 }),
  },
  {
    title: 'lets no viewer write, and says so before it looks at the body',
    embeddedOnly: viewerReason,
    as: 'viewer',
    method: 'POST',
    path: list,
    body: '[',
    status: 403,
    message: /Permissions needed: datasources:create$/,
    check: ({ title, accessErrorId }) => {
      assert.equal(title, 'Access denied');
      assert.match(String(accessErrorId), /^ACE\d{10}$/);
    },
  },
  {
    title: 'lets no viewer delete, and says so before it looks for the uid',
    embeddedOnly: viewerReason,
    as: 'viewer',
    method: 'DELETE',
    path: byUid(`${run}-none`),
    status: 403,
    message: /Permissions needed: datasources:delete$/,
  },
];
