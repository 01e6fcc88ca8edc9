import { argv, env } from 'node:process';
import {
  databagDiff,
  decodeDatabag,
  type HookContext,
  type HookTools,
  hookTools,
  isHookToolError,
  json,
  parseHookContext,
  type Status,
} from 'crosslink/juju';
import * as z from 'zod';

/** What the database says in its application databag. Every key may be absent: a fresh peer has written nothing. */
const DatabaseApp = z.object({
  endpoints: json.pipe(z.array(z.string())).optional(),
  'secret-user': z.string().optional(),
});

/** A website that asks for a database, and says in its status whether it has one. */
export async function website(tools: HookTools, { app, event }: HookContext): Promise<void> {
  if (event.kind === 'stop' || event.kind === 'remove') return;
  const [relationId] = await tools.relationIds('database');
  if (relationId === undefined) return tools.statusSet('blocked', 'integrate database with a database');
  if (await tools.isLeader()) await ask(tools, app, relationId);
  const remoteApp = await tools.relationListApp(relationId);
  const { status, message } = await answer(tools, { relationId, of: remoteApp });
  await tools.statusSet(status, message);
}

/** Only the leader may read and write its own application databag; and it writes only what differs. */
async function ask(tools: HookTools, app: string, relationId: number): Promise<void> {
  const data = databagDiff(await tools.relationGet({ relationId, of: app }), { database: app });
  if (Object.keys(data).length > 0) await tools.relationSet({ relationId, app: true, data });
}

type OwnStatus = Status & { readonly status: 'active' | 'waiting' };

async function answer(
  tools: HookTools,
  database: { readonly relationId: number; readonly of: string },
): Promise<OwnStatus> {
  const decoded = decodeDatabag(DatabaseApp, await tools.relationGet(database));
  if (!decoded.ok) {
    const issues = decoded.issues.map(({ key, path, message }) => `${key} ${path}: ${message}`);
    await tools.jujuLog('WARNING', `${database.of}: ${issues.join('; ')}`);
    return { status: 'waiting', message: `for ${database.of} to publish what can be read` };
  }
  const { endpoints = [], 'secret-user': uri } = decoded.value;
  if (endpoints.length === 0 || uri === undefined) {
    return { status: 'waiting', message: `for ${database.of} to answer` };
  }
  try {
    const { username } = await tools.secretGet({ uri, label: 'database-user' }, { refresh: true });
    return { status: 'active', message: `${username} at ${endpoints.join(', ')}` };
  } catch (error) {
    // Named, so that everything else still fails the hook: it is a bug.
    if (!isHookToolError(error, 'SECRET_NOT_FOUND', 'PERMISSION_DENIED')) throw error;
    return { status: 'waiting', message: `for ${database.of} to grant its secret` };
  }
}

// Juju runs this file, by the charm's `dispatch`; a test imports it.
if (argv[1] === import.meta.filename) await website(hookTools(), parseHookContext(env));
