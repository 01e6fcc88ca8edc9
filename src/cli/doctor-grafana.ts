import type { Report } from '#src/doctor';
import {
  connect,
  diagnoseGrafana,
  type InFull,
  inFull,
  type LiveGrafana,
  observe,
  type Proposal,
  propose,
  provisioned,
  write,
} from '#src/doctor/grafana';
import type { GrafanaClient } from '#src/grafana';
import { UsageError } from '#src/local';
import { provisioningYaml } from '../grafana/provisioning-file.ts';
import { keptText, outcomeText, proposalText, readOnlyText } from './fix-text.ts';
import { credentials } from './grafana-credentials.ts';

export interface GrafanaOptions {
  readonly url: string;
  readonly tokenFile: string;
  readonly caFile: string | undefined;
  /** UIDs of datasources to link to where several would do. */
  readonly prefer: readonly string[];
  readonly fix: boolean;
  /** Write without asking. */
  readonly yes: boolean;
}

/** Where the work is shown, and where somebody is asked. */
export interface Console {
  readonly color: boolean;
  /** The report before anything is written; not where only the end is wanted. */
  report(report: Report): Promise<void>;
  show(text: string): Promise<void>;
  /** Undefined: there is nobody to ask. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
}

export interface Looked {
  readonly report: Report;
  /** As it is now. */
  readonly live: LiveGrafana;
  /** Whether `Console.report` has told of this state before. */
  readonly told: boolean;
}

/**
 * Looks at a Grafana, and with `fix` mends what can be mended without guessing.
 * @returns the state at the end
 * @throws {UsageError} it could not look, or there was nobody to ask
 */
export async function doctorGrafana(options: GrafanaOptions, console: Console): Promise<Looked> {
  const { url, prefer } = options;
  const client = await connect({ url, ...(await credentials(options)) });
  const live = await observe(client, url);
  const preferred = preferredIn(live, prefer);
  const looked = (seen: LiveGrafana, told: boolean): Looked => {
    return { report: diagnoseGrafana(seen, preferred), live: seen, told };
  };
  if (!options.fix) return looked(live, false);
  await console.report(diagnoseGrafana(live, preferred));
  const { full, writable } = await showProposals(client, live, preferred, console);
  if (writable.length === 0) return looked(full.live, true);
  if (!(await mayWrite(writable.length, options, console))) {
    await console.show('Nothing was written.\n');
    return looked(full.live, true);
  }
  const changes = writable.flatMap((proposal) => {
    const seen = full.details.get(proposal.datasource.uid);
    return seen === undefined ? [] : [{ proposal, seen }];
  });
  await console.show(`${outcomeText(await write(client, changes))}\n`);
  return looked(await observe(client, url), false);
}

/** @returns what can be written here; all else has been shown with what to do about it */
async function showProposals(
  client: GrafanaClient,
  listed: LiveGrafana,
  prefer: ReadonlySet<string>,
  console: Console,
): Promise<{ full: InFull; writable: Proposal[] }> {
  const uids = propose(listed, prefer).proposals.map(({ datasource }) => datasource.uid);
  const full = await inFull(client, listed, uids);
  // Of what has come up since the list was read there is no version: the next run is about that.
  const { proposals: all, kept } = propose(full.live, prefer);
  const proposals = all.filter(({ datasource }) => full.details.has(datasource.uid));
  const [readOnly = [], writable = []] = [true, false].map((is) =>
    proposals.filter(({ datasource }) => datasource.readOnly === is),
  );
  for (const proposal of writable) await console.show(`${proposalText(proposal, console)}\n`);
  if (readOnly.length > 0) await console.show(`${readOnlyText(readOnly, yamlOf(readOnly, full))}\n`);
  if (kept.length > 0) await console.show(`${keptText(kept)}\n`);
  if (writable.length === 0) await console.show('There is nothing to write.\n');
  return { full, writable };
}

function yamlOf(proposals: readonly Proposal[], { details }: InFull): string {
  return provisioningYaml(
    proposals.flatMap(({ datasource: { uid }, jsonData }) => {
      const held = details.get(uid);
      return held === undefined ? [] : [provisioned({ ...held, jsonData })];
    }),
  );
}

async function mayWrite(n: number, { yes }: GrafanaOptions, { ask }: Console): Promise<boolean> {
  if (yes) return true;
  const what = n === 1 ? 'this change' : `these ${n} changes`;
  if (ask === undefined) {
    throw new UsageError(
      `there is no terminal to ask on, so nothing was written; add --yes to write ${what}`,
    );
  }
  return ask(`Write ${what}? [y/N] `);
}

function preferredIn({ url, datasources }: LiveGrafana, prefer: readonly string[]): ReadonlySet<string> {
  for (const uid of prefer) {
    if (datasources.some((one) => one.uid === uid)) continue;
    throw new UsageError(`--prefer ${uid}: there is no datasource with this UID in ${url}`);
  }
  return new Set(prefer);
}
