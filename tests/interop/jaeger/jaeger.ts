import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { env } from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as z from 'zod';

/** What the tests of both Jaegers use: our storage, Jaeger, its tools, and its query API. */

/** Where `run` has built Jaeger's programs. */
export function program(name: 'jaeger1' | 'jaeger2' | 'tracegen'): string {
  const folder = env.CROSSLINK_JAEGER;
  assert.ok(
    folder,
    'CROSSLINK_JAEGER has to be the folder of the programs; tests/interop/jaeger/run sets it',
  );
  return join(folder, name);
}

/** Ports that are free at this moment: Jaeger has to be told some, and does not say which it took of its own. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

export interface Storage {
  readonly address: string;
  readonly archiveAddress: string;
  /** Leaves nothing, or nothing but the archive. */
  purge(options?: { readonly keepArchive?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

const Said = z.object({ address: z.string(), archiveAddress: z.string(), purge: z.string() });

export async function startStorage(...options: readonly string[]): Promise<Storage> {
  const server = spawn(process.execPath, [join(import.meta.dirname, 'server.ts'), ...options], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: server.stdout }), 'line');
  const { purge, ...addresses } = Said.parse(JSON.parse(String(line)));
  return {
    ...addresses,
    async purge({ keepArchive = false } = {}) {
      const url = keepArchive ? `${purge}?keep=archive` : purge;
      assert.equal((await fetch(url, { method: 'POST' })).status, 200);
    },
    async stop() {
      const ended = once(server, 'exit');
      server.stdin.end();
      assert.deepEqual(await ended, [0, null]);
    },
  };
}

/** A Jaeger that runs, and where it is asked and written to. */
export class Jaeger {
  readonly #process: ChildProcess;
  readonly #log: string[] = [];
  readonly #query: string;
  readonly #otlp: string;

  constructor(command: string, args: readonly string[], ports: { queryHttp: number; otlpHttp: number }) {
    this.#query = `http://127.0.0.1:${ports.queryHttp}`;
    this.#otlp = `http://127.0.0.1:${ports.otlpHttp}`;
    this.#process = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on('data', (data: Buffer) => this.#log.push(data.toString()));
    }
  }

  get log(): string {
    return this.#log.join('');
  }

  /** Waits until it answers. */
  async ready(): Promise<void> {
    await this.until(async () => {
      assert.equal(this.#process.exitCode, null, `Jaeger has ended:\n${this.log}`);
      await this.get('/api/services');
    });
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const stuck = AbortSignal.timeout(20_000);
    stuck.addEventListener('abort', () => this.#process.kill('SIGKILL'), { once: true });
    const [code] = await ended;
    assert.equal(code, 0, this.log);
  }

  /** Repeats what fails as long as spans may still be on their way. */
  async until<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (const end = Date.now() + 20_000; ; ) {
      try {
        return await attempt();
      } catch (error) {
        if (Date.now() > end)
          throw new Error(`not within 20 s; Jaeger says\n${this.log.slice(-5000)}`, { cause: error });
        await setTimeout(100);
      }
    }
  }

  async fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.#query}${path}`, { ...init, signal: AbortSignal.timeout(10_000) });
  }

  /** Reads JSON of the query API. */
  async get(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const response = await this.fetch(`${path}?${new URLSearchParams(parameters)}`);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text) as unknown;
  }

  /** What the API of Jaeger's UI answers, of which `data` is always the answer itself. */
  async ui(path: string, parameters?: Readonly<Record<string, string>>): Promise<unknown> {
    return z.object({ data: z.unknown() }).parse(await this.get(`/api${path}`, parameters)).data;
  }

  /** Of the last hour, unless the parameters say another. */
  async traces(parameters: Readonly<Record<string, string>>): Promise<readonly UiTrace[]> {
    const start = `${(Date.now() - 3_600_000) * 1000}`;
    return z.array(UiTrace).parse(await this.ui('/traces', { start, ...parameters }));
  }

  /** Of one trace, in order. */
  async spanIds(traceId: string): Promise<readonly string[]> {
    const [trace] = z.array(UiTrace).parse(await this.ui(`/traces/${traceId}`));
    assert.ok(trace);
    return trace.spans.map(({ spanID }) => spanID).sort();
  }

  async export(spans: readonly OtlpSpan[]): Promise<void> {
    const response = await fetch(`${this.#otlp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: spans.map(resourceSpans) }),
    });
    assert.equal(response.status, 200, await response.text());
  }

  /** Runs Jaeger's own generator. */
  async tracegen(...args: readonly string[]): Promise<void> {
    const telemetry = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${this.#otlp}/v1/traces` };
    const options = { env: { ...env, ...telemetry }, timeout: 60_000 };
    await promisify(execFile)(program('tracegen'), ['-trace-exporter', 'otlp-http', ...args], options);
  }
}

const Tag = z.object({ key: z.string(), type: z.string(), value: z.unknown() });

export const UiTrace = z.object({
  traceID: z.string(),
  spans: z.array(
    z.object({
      spanID: z.string(),
      operationName: z.string(),
      references: z.array(z.object({ refType: z.string(), traceID: z.string(), spanID: z.string() })),
      startTime: z.number(),
      duration: z.number(),
      tags: z.array(Tag),
      logs: z.array(z.object({ timestamp: z.number(), fields: z.array(Tag) })),
      processID: z.string(),
    }),
  ),
  processes: z.record(z.string(), z.object({ serviceName: z.string() })),
});
export type UiTrace = z.infer<typeof UiTrace>;

export interface OtlpSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  /** Unix milliseconds */
  readonly startMs: number;
  readonly durationMs: number;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly isError?: boolean;
}

/** A span with something in each part of it, beginning a moment ago. */
export function newSpan(span: Partial<OtlpSpan> & Pick<OtlpSpan, 'service' | 'name'>): OtlpSpan {
  return {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    kind: 1,
    startMs: Date.now() - 1000,
    durationMs: 10,
    ...span,
  };
}

const nanos = (ms: number) => `${BigInt(ms) * 1_000_000n}`;

function resourceSpans({ service, startMs, durationMs, attributes = {}, isError, ...span }: OtlpSpan) {
  return {
    resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
    scopeSpans: [
      {
        scope: { name: 'interop' },
        spans: [
          {
            ...span,
            startTimeUnixNano: nanos(startMs),
            endTimeUnixNano: nanos(startMs + durationMs),
            attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
            events: [{ name: 'began', timeUnixNano: nanos(startMs) }],
            ...(isError === true && { status: { code: 2, message: 'refused' } }),
          },
        ],
      },
    ],
  };
}
