import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { CharmFunction } from '#lib/juju-local';

const Databag = z.record(z.string(), z.string());
const End = z.object({
  app: z.string(),
  endpoint: z.string(),
  appData: Databag,
  unitsData: z.record(z.string(), Databag),
});
const Unit = z.object({
  unit: z.string(),
  leader: z.boolean(),
  status: z.enum(['active', 'waiting', 'blocked', 'maintenance']),
  message: z.string(),
});
const Datasource = z.object({
  uid: z.string(),
  name: z.string(),
  type: z.string(),
  access: z.enum(['proxy', 'direct']),
  url: z.string(),
  isDefault: z.boolean(),
  jsonData: z.record(z.string(), z.unknown()),
  secureJsonData: Databag,
  version: z.number(),
});

/** What a revision of this charm left behind, as `record.ts` wrote it down. `<grafana>` stands for Grafana's URL. */
const LeftBehind = z.object({
  revision: z.string(),
  model: z.object({ name: z.string(), uuid: z.string() }),
  credentials: z.object({ username: z.string(), password: z.string() }),
  applications: z.array(z.object({ name: z.string(), config: Databag, units: z.array(Unit) })),
  /** Ends of each; one for a peer relation. */
  relations: z.array(z.array(End)),
  datasources: z.array(Datasource),
});
export type LeftBehind = z.infer<typeof LeftBehind>;

export async function leftBehind(revision: string, grafanaUrl: string): Promise<LeftBehind> {
  const text = await readFile(join(import.meta.dirname, `${revision}.json`), 'utf8');
  return LeftBehind.parse(JSON.parse(text.replaceAll('<grafana>', grafanaUrl)));
}

/** The keys that Juju itself puts into units' databags. */
const addresses = ['egress-subnets', 'ingress-address', 'private-address'];

export function withoutAddresses(databag: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(databag).filter(([key]) => !addresses.includes(key)));
}

/** A charm that says what an earlier revision said, word for word, so that the present one can follow it. */
export function replay({ applications, relations }: LeftBehind): CharmFunction {
  return async (tools, { unit, app }) => {
    const own = applications.find(({ name }) => name === app)?.units.find((one) => one.unit === unit);
    if (own !== undefined) await tools.statusSet(own.status, own.message);
    for (const ends of relations) {
      const end = ends.find((one) => one.app === app);
      if (end === undefined) continue;
      const remote = ends.find((one) => one.app !== app)?.app ?? app;
      for (const relationId of await tools.relationIds(end.endpoint)) {
        if ((await tools.relationListApp(relationId)) !== remote) continue;
        await tools.relationSet({ relationId, data: withoutAddresses(end.unitsData[unit] ?? {}) });
        if (await tools.isLeader()) await tools.relationSet({ relationId, app: true, data: end.appData });
      }
    }
  };
}
