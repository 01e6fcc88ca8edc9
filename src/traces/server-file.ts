import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { json } from '#lib/juju';

/** Where the process that has a folder of traces answers. A folder is one process's; the others ask that one. */
const TraceServer = z.object({
  pid: z.number().int().positive(),
  /** `host:port` for jaeger.storage.v2; absent while nothing can be read. */
  grpc: z.string().optional(),
  /** Whether that is over TLS. */
  tls: z.boolean(),
  /** Base URL for OTLP. */
  otlpHttp: z.string(),
  /** The header in which a tenant is named; absent where there are none. */
  tenantHeader: z.string().optional(),
});
export type TraceServer = z.infer<typeof TraceServer>;

const nameOf = (folder: string) => join(folder, 'server.json');

/** Whole or not at all: others read it at any moment. */
export async function writeServerFile(folder: string, server: TraceServer): Promise<void> {
  const temporary = join(folder, `server.json.${process.pid}`);
  await writeFile(temporary, `${JSON.stringify(server)}\n`, { mode: 0o600 });
  await rename(temporary, nameOf(folder));
}

export async function removeServerFile(folder: string): Promise<void> {
  await rm(nameOf(folder), { force: true });
}

/** @returns undefined where there is none that can be read; one that is there may be of a process that was killed */
export async function readServerFile(folder: string): Promise<TraceServer | undefined> {
  const text = await readFile(nameOf(folder), 'utf8').catch(() => undefined);
  return json.pipe(TraceServer).safeParse(text).data;
}
