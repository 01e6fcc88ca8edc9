import { isDeepStrictEqual } from 'node:util';
import {
  type Datasource,
  type GrafanaApiError,
  type GrafanaClient,
  isGrafanaApiError,
  unchanged,
} from '#src/grafana';
import type { Proposal } from './propose.ts';
import { remedyOf } from './remedy.ts';

/** What became of one proposal. */
export interface Outcome {
  readonly proposal: Proposal;
  /** `unknown`: sent, and nobody answered. */
  readonly state: 'written' | 'conflict' | 'failed' | 'unknown';
  /** Why it was not written, and what to do; '' where it was. */
  readonly message: string;
}

/** A change of a datasource, and the datasource in full as it was when the change was thought of. */
export interface Change {
  readonly proposal: Proposal;
  readonly seen: Datasource;
}

/**
 * Writes what was proposed, one datasource after the other. Right before each write the datasource is read again:
 * if anybody has changed it since it was looked at, it stays as it is. Grafana holds the same by its version, for
 * the moment in between. All other fields go back as they were read; secrets stay, since none are sent.
 */
export async function write(client: GrafanaClient, changes: readonly Change[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let fatal: GrafanaApiError | undefined;
  for (const change of changes) {
    const { proposal } = change;
    if (fatal !== undefined) {
      outcomes.push({ proposal, state: 'failed', message: `not tried, after ${fatal.message}` });
      continue;
    }
    try {
      outcomes.push(await writeOne(client, change));
    } catch (error) {
      if (!isGrafanaApiError(error)) throw error;
      outcomes.push(failed(proposal, error));
      // No other one could succeed either.
      if (isGrafanaApiError(error, 'UNAUTHORIZED', 'UNREACHABLE', 'TIMEOUT', 'MISCONFIGURED')) fatal = error;
    }
  }
  return outcomes;
}

const changed = 'somebody has changed it since it was looked at; run it again';

async function writeOne(client: GrafanaClient, { proposal, seen }: Change): Promise<Outcome> {
  const { datasource, jsonData } = proposal;
  const held = await client.getDatasource(datasource.uid);
  if (held === undefined) return { proposal, state: 'conflict', message: 'somebody has deleted it' };
  if (held.readOnly || held.version !== seen.version || !isDeepStrictEqual(held.jsonData, seen.jsonData)) {
    return { proposal, state: 'conflict', message: changed };
  }
  await client.updateDatasource(datasource.uid, { ...unchanged(held), jsonData });
  return { proposal, state: 'written', message: '' };
}

function failed(proposal: Proposal, error: GrafanaApiError): Outcome {
  if (error.code === 'CONFLICT_VERSION') return { proposal, state: 'conflict', message: changed };
  const message = `${error.message}; ${remedyOf(error)}`;
  return { proposal, state: error.outcomeUnknown ? 'unknown' : 'failed', message };
}
