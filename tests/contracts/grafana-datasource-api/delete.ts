import assert from 'node:assert/strict';
import type { Row } from './row.ts';
import { base, byName, byUid, locked, notFound, one, two } from './row.ts';

const readOnlyReason = 'only a provisioning file makes a datasource read-only';
export const deleted: readonly Row[] = [
  {
    title: 'deletes by uid',
    given: [{ ...one, ...base }],
    method: 'DELETE',
    path: byUid(one.uid),
    status: 200,
    message: 'Data source deleted',
    check: ({ id }) => assert.equal(typeof id, 'number'),
    afterwards: { path: byUid(one.uid), status: 404 },
  },
  {
    title: 'deletes by name',
    given: [{ ...two, ...base }],
    method: 'DELETE',
    path: byName(two.name),
    status: 200,
    message: 'Data source deleted',
    afterwards: { path: byUid(two.uid), status: 404 },
  },
  { title: 'deletes no unknown uid', method: 'DELETE', path: byUid(one.uid), ...notFound },
  { title: 'deletes no unknown name', method: 'DELETE', path: byName(one.name), ...notFound },
  {
    title: 'does not delete a read-only datasource',
    embeddedOnly: readOnlyReason,
    method: 'DELETE',
    path: byUid(locked.uid),
    status: 403,
    message: 'Cannot delete read-only data source',
    afterwards: { path: byUid(locked.uid) },
  },
  {
    title: 'does not update a read-only datasource',
    embeddedOnly: readOnlyReason,
    method: 'PUT',
    path: byUid(locked.uid),
    body: { ...locked, ...base },
    status: 403,
    message: 'Cannot update read-only data source',
  },
];
