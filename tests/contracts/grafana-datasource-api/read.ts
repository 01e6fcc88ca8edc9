import assert from 'node:assert/strict';
import type { Row } from './row.ts';
import { base, byName, byUid, list, notFound, one, ours, run, two } from './row.ts';

export const read: readonly Row[] = [
  { title: 'knows no such uid', method: 'GET', path: byUid(`${run}-none`), ...notFound },
  { title: 'knows no such name', method: 'GET', path: byName(`${run} none`), ...notFound },
  {
    title: 'knows no id of such a name',
    method: 'GET',
    path: `${list}/id/${encodeURIComponent(`${run} none`)}`,
    ...notFound,
  },
  {
    title: 'finds by a name with a slash and an umlaut',
    given: [{ ...two, ...base }],
    method: 'GET',
    path: byName(two.name),
    status: 200,
    check: ({ uid }) => assert.equal(uid, two.uid),
  },
  {
    title: 'lists items without version and secrets',
    given: [{ ...one, ...base, secureJsonData: { password: 'hunter2hunter2' } }],
    method: 'GET',
    path: list,
    status: 200,
    check: (json) => {
      const item = ours(json).find(({ uid }) => uid === one.uid);
      assert.ok(item);
      for (const key of ['version', 'secureJsonFields', 'basicAuthUser', 'withCredentials']) {
        assert.equal(key in item, false, key);
      }
      assert.equal(typeof item.typeName, 'string');
    },
  },
  {
    title: 'lists by lower-cased name',
    given: ['b', 'C', 'a', 'D'].map((letter) => ({ ...base, name: `${run} ${letter}` })),
    method: 'GET',
    path: list,
    status: 200,
    check: (json) => {
      const names = ours(json).map(({ name }) => String(name).slice(run.length + 1));
      assert.deepEqual(names.slice(0, 4), ['a', 'b', 'C', 'D']);
    },
  },
];
