import { openModel, shellCharm } from './helpers.ts';

const options = {
  name: { type: 'string', default: 'x' },
  port: { type: 'int' },
  ratio: { type: 'float' },
  debug: { type: 'boolean', default: false },
  token: { type: 'secret' },
};

/** Three applications of a charm that has a bit of everything. */
export async function world() {
  const watched = await openModel();
  const charm = await shellCharm({
    name: 'many',
    options,
    actions: {
      backup: {
        params: { path: { type: 'string', default: '/x' }, level: { type: 'integer' } },
        required: ['level'],
        additionalProperties: false,
      },
    },
    provides: { sql: 'sql', web: { interface: 'http' } },
    requires: { db: { interface: 'sql', limit: 1 }, 'other-db': { interface: 'sql' } },
    peers: { ring: { interface: 'ring' } },
    dispatch: 'config-get --format=json',
  });
  await watched.model.deploy({ app: 'a', charm });
  await watched.model.deploy({ app: 'b', charm });
  await watched.model.deploy({ app: 'c', charm, units: 0 });
  return { ...watched, charm };
}
export type World = Awaited<ReturnType<typeof world>>;
