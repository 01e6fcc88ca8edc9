/**
 * A process of its own that asks one URL for datasources, so that what an answer does to memory is done to nobody else:
 * prints which error it ended with, and how much memory it had at the most.
 */
import { readFileSync } from 'node:fs';
import { grafanaClient, isGrafanaApiError } from '#src/grafana';

const [, , url = ''] = process.argv;
const client = grafanaClient({ url, auth: { kind: 'bearer', token: 'glsa_token' }, retries: 0 });
const error = await client.listDatasources().catch((thrown: unknown) => thrown);
const code = isGrafanaApiError(error) ? error.code : String(error);
// Not resourceUsage().maxRSS: that begins with what the process had that this one was forked from, a test's worker.
const [, maxRssKiB] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
process.stdout.write(JSON.stringify({ code, maxRssKiB: Number(maxRssKiB) }));
