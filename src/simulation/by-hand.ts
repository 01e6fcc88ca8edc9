import { at } from './applications.ts';
import type { Trouble } from './plan.ts';
import { markOf, type SimulatedGrafana } from './simulated-grafana.ts';

/** What somebody does to the datasources of a gateway in Grafana's pages. @returns whether there was anything to do */
export function byHand(
  { instance, renamed }: SimulatedGrafana,
  { datasource, work }: Extract<Trouble, { kind: 'hand' }>,
): boolean {
  const rows = instance.rows();
  const ours = at(
    rows.filter((row) => markOf(row) !== undefined),
    datasource,
  );
  if (work === 'make') {
    const nr = rows.length;
    const free = !rows.some(({ uid }) => uid === `made-${nr}`);
    if (free) instance.seed({ uid: `made-${nr}`, name: `made by hand ${nr}`, type: 'loki' });
    return free;
  }
  if (!ours) return false;
  const { uid, name, url, jsonData } = ours;
  switch (work) {
    case 'delete':
      instance.remove(uid);
      return true;
    case 'rename':
      if (rows.some((row) => row.name === `my ${name}`)) return false;
      instance.edit(uid, { name: `my ${name}` });
      renamed.add(uid);
      return true;
    case 'add-key':
      instance.edit(uid, { jsonData: { ...jsonData, 'hand-made': datasource } });
      return true;
    case 'change-url':
      instance.edit(uid, { url: `${url}/elsewhere`.slice(0, 200) });
      return true;
    case 'drop-marker': {
      const { crosslink: _, ...rest } = jsonData;
      instance.edit(uid, { jsonData: rest });
      return true;
    }
    case 'correlate':
      instance.seedCorrelation({ sourceUID: uid, targetUID: uid, label: 'by hand', description: 'mine' });
      return true;
    case 'copy':
      if (rows.some((row) => row.uid === `copy-${datasource}`)) return false;
      instance.seed({
        ...ours,
        uid: `copy-${datasource}`,
        name: `copy ${datasource} of ${uid}`,
        isDefault: false,
      });
      return true;
  }
}
