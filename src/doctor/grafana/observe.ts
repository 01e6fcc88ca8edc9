import * as z from 'zod';
import {
  type Datasource,
  type DatasourceListItem,
  type GrafanaClient,
  grafanaClient,
  isAtLeast,
  isGrafanaApiError,
  parseGrafanaVersion,
} from '#src/grafana';
import { canonicalType } from '#src/grafana/provisioner';
import { shownUrl, UsageError } from '#src/local';
import type { Json } from '../../relations/python-json.ts';
import type { LiveDatasource, LiveGrafana } from './live-grafana.ts';
import { remedyOf } from './remedy.ts';

export interface GrafanaAddress {
  readonly url: string;
  readonly token: string;
  /** Certificates in PEM. */
  readonly ca?: string;
}

/** @throws {UsageError} the URL or the token is of no use */
export async function connect({ url, token, ca }: GrafanaAddress): Promise<GrafanaClient> {
  return explained(url, async () =>
    grafanaClient({ url, auth: { kind: 'bearer', token }, ...(ca !== undefined && { ca }) }),
  );
}

/** The first version whose HTTP API can write a datasource by its UID. */
const oldest = '9.0';

/**
 * Reads one organisation of a Grafana; a token with the role Viewer is enough.
 * @throws {UsageError} it can't be reached, refuses the token, or is no Grafana that is known here
 */
export async function observe(client: GrafanaClient, url: string): Promise<LiveGrafana> {
  return explained(url, async () => {
    const { version } = await client.health();
    const parsed = parseGrafanaVersion(version);
    if (parsed !== undefined && !isAtLeast(parsed, oldest)) {
      throw new UsageError(
        `--grafana ${shownUrl(url)}: Grafana ${version} is too old; upgrade it to ${oldest} or later`,
      );
    }
    const datasources = (await client.listDatasources()).map(liveDatasource);
    return { url: shownUrl(url), version, org: await orgOf(client), datasources };
  });
}

/** Some datasources of a Grafana in full: with their versions, and the names of their secrets. */
export interface InFull {
  /** What was observed, with these as they are by now. */
  readonly live: LiveGrafana;
  readonly details: ReadonlyMap<string, Datasource>;
}

/** @throws {UsageError} as {@link observe} */
export async function inFull(
  client: GrafanaClient,
  live: LiveGrafana,
  uids: readonly string[],
): Promise<InFull> {
  return explained(live.url, async () => {
    const details = new Map<string, Datasource>();
    for (const uid of uids) {
      const found = await client.getDatasource(uid);
      if (found !== undefined) details.set(uid, found);
    }
    const now = live.datasources.flatMap((one) => {
      const found = details.get(one.uid);
      if (found !== undefined) return [liveDatasource(found)];
      return uids.includes(one.uid) ? [] : [one];
    });
    return { live: { ...live, datasources: now }, details };
  });
}

/** A token may be good for datasources and nothing else. */
async function orgOf(client: GrafanaClient): Promise<string | null> {
  try {
    return (await client.org()).name;
  } catch (error) {
    if (isGrafanaApiError(error, 'FORBIDDEN')) return null;
    throw error;
  }
}

/** It came as JSON: there is nothing in it that is none. */
const JsonData = z.record(z.string(), z.custom<Json>());

function liveDatasource(read: Omit<DatasourceListItem, 'orgId'>): LiveDatasource {
  const { uid, id, name, type, isDefault, readOnly, jsonData } = read;
  return {
    uid,
    id,
    name,
    type: canonicalType(type),
    isDefault,
    readOnly,
    jsonData: JsonData.parse(jsonData),
  };
}

async function explained<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isGrafanaApiError(error)) throw error;
    throw new UsageError(`--grafana ${shownUrl(url)}: ${error.message}; ${remedyOf(error)}`, {
      cause: error,
    });
  }
}
