import { type Databag, type HookContext, type HookTools, isHookToolError } from '#lib/juju';
import type { Garbage } from './plan.ts';
import { objectIn } from './wire.ts';

/**
 * Charms of the first generation, as Canonical's Python charms write their databags: a Grafana that publishes names
 * for UIDs, and a datasource that registers each unit and takes part in the exchange. They look at all that is there
 * in each hook, so that what they say follows from the present.
 * @see canonical/grafana-k8s-operator: lib/charms/grafana_k8s/v0/grafana_source.py
 * @see canonical/cos-lib: src/cosl/interfaces/datasource_exchange.py
 */

/** @param garbage - what is said in place of what should be */
export async function legacyGrafana(
  tools: HookTools,
  context: HookContext,
  { nameless, garbage }: { readonly nameless: boolean; readonly garbage: Garbage | undefined },
): Promise<void> {
  if (!(await tools.isLeader())) return;
  const { modelName, modelUuid, app, unitNumber } = context;
  await eachRelation(tools, 'datasources', async (relationId) => {
    const source = parsed(
      await tools.relationGet({ relationId, of: await tools.relationListApp(relationId) }),
    );
    if (source === undefined) return;
    const uids: Record<string, string> = {};
    for (const unit of await tools.relationList(relationId)) {
      const { grafana_source_host: host } = await tools.relationGet({ relationId, of: unit });
      if (!host) continue;
      uids[unit] = `juju_${source.model}_${source.model_uuid}_${source.application}_${unit.split('/')[1]}`;
    }
    const data = {
      grafana_uid: nameless ? '' : `juju_${modelName}_${modelUuid}_${app}_${unitNumber}`,
      grafana_base_url: `http://${app}.example:3000`,
      datasource_uids: python(uids),
    };
    await tools.relationSet({ relationId, app: true, data: { ...data, ...spoiltAnswer(garbage, uids) } });
  });
}

/** @param type - Grafana plugin id */
export async function legacyDatasource(
  tools: HookTools,
  context: HookContext,
  { type, garbage }: { readonly type: string; readonly garbage: Garbage | undefined },
): Promise<void> {
  const { modelName, modelUuid, app, unit, unitNumber } = context;
  const leader = await tools.isLeader();
  const owned: { type: string; uid: string; grafana_uid: string }[] = [];
  await eachRelation(tools, 'grafana-source', async (relationId) => {
    const host = garbage === 'half' ? '' : `http://${app}-${unitNumber}.example:3200`;
    await tools.relationSet({ relationId, data: { grafana_source_host: host } });
    const answer = await tools.relationGet({ relationId, of: await tools.relationListApp(relationId) });
    const grafana_uid = answer.grafana_uid ?? '';
    if (grafana_uid !== '') {
      for (const uid of Object.values(uidsIn(answer))) owned.push({ type, uid, grafana_uid });
    }
    if (!leader) return;
    const source = { model: modelName, model_uuid: modelUuid, application: app, type };
    const data = {
      grafana_source_data: python({ ...source, extra_fields: null, secure_extra_fields: null }),
    };
    await tools.relationSet({ relationId, app: true, data: { ...data, ...spoiltSource(garbage, unit) } });
  });
  if (!leader) return;
  owned.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  for (const endpoint of ['send-datasource', 'receive-datasource']) {
    await eachRelation(tools, endpoint, async (relationId) => {
      const datasources = spoiltList(garbage, owned) ?? JSON.stringify(owned);
      await tools.relationSet({ relationId, app: true, data: { datasources } });
    });
  }
}

const huge = 'x'.repeat(70_000);
const hostile = '{"__proto__":{"polluted":true},"constructor":{"prototype":{}},"toString":1}';

function spoiltAnswer(
  garbage: Garbage | undefined,
  uids: Readonly<Record<string, string>>,
): Record<string, string> {
  switch (garbage) {
    case 'no-json':
      return { datasource_uids: '{"a' };
    case 'wrong-type':
      return { datasource_uids: '[1, {"a": []}]' };
    case 'huge':
      return { datasource_uids: python({ ...uids, 'x/0': huge }), grafana_base_url: huge };
    case 'hostile-keys':
      return { datasource_uids: hostile };
    case 'half':
      return { grafana_uid: '' };
    case 'twice':
      return { datasource_uids: python({ ...uids, 'x/0': Object.values(uids)[0] ?? 'x', 'x/1': 'x' }) };
    case 'other-units':
      return { datasource_uids: python({ 'someone-else/0': 'uid-of-another', 'x/y': '' }) };
    case undefined:
      return {};
  }
}

function spoiltSource(garbage: Garbage | undefined, unit: string): Record<string, string> {
  switch (garbage) {
    case 'no-json':
      return { grafana_source_data: '{"model": ' };
    case 'wrong-type':
      return { grafana_source_data: '{"model": 1, "model_uuid": [], "application": {}, "type": null}' };
    case 'huge':
      return {
        grafana_source_data: python({ model: huge, model_uuid: huge, application: huge, type: huge }),
      };
    case 'hostile-keys':
      return { grafana_source_data: hostile };
    case 'other-units':
      return { grafana_source_app_host: `http://${unit}?#`, grafana_source_secret: 'secret:nobodys' };
    default:
      return { grafana_source_app_host: '', grafana_source_secret: '' };
  }
}

function spoiltList(garbage: Garbage | undefined, owned: readonly object[]): string | undefined {
  switch (garbage) {
    case 'no-json':
      return '[{"type":';
    case 'wrong-type':
      return '{"type": "loki"}';
    case 'huge':
      return JSON.stringify([...owned, { type: 'loki', uid: huge, grafana_uid: huge }]);
    case 'hostile-keys':
      return `[${hostile}]`;
    case 'half':
      return JSON.stringify([...owned.map((one) => ({ ...one, grafana_uid: undefined })), null, 5]);
    case 'twice':
      return JSON.stringify([
        ...owned,
        ...owned,
        ...owned.map((one) => ({ ...one, grafana_uid: 'nowhere' })),
      ]);
    case 'other-units':
    case undefined:
      return undefined;
  }
}

/** Juju deletes what was there; a relation that goes while it is looked at is gone. */
async function eachRelation(
  tools: HookTools,
  endpoint: string,
  visit: (relationId: number) => Promise<void>,
): Promise<void> {
  for (const relationId of await tools.relationIds(endpoint)) {
    try {
      await visit(relationId);
    } catch (error) {
      if (!isHookToolError(error)) throw error;
    }
  }
}

function parsed({ grafana_source_data: text }: Databag): Record<string, unknown> | undefined {
  return objectIn(text);
}

function uidsIn({ datasource_uids: text }: Databag): Record<string, string> {
  const strings = Object.entries(objectIn(text) ?? {}).filter(
    ([, uid]) => typeof uid === 'string' && uid !== '',
  );
  return Object.fromEntries(strings) as Record<string, string>;
}

/** As `json.dumps` writes it. */
function python(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/\n */g, ' ').replaceAll('{ ', '{').replaceAll(' }', '}');
}
