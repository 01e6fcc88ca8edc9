import assert from 'node:assert/strict';
import type { GrafanaClient, GrafanaClientOptions } from '#src/grafana';
import { GrafanaApiError, grafanaClient } from '#src/grafana';
import type { EmbeddedGrafanaOptions } from '#src/grafana/embedded';
import { EmbeddedGrafana } from '#src/grafana/embedded';

export const tempo = {
  name: 'Tempo',
  type: 'tempo',
  access: 'proxy',
  url: 'http://tempo:3200',
  uid: 'tempo-0',
} as const;

/** An embedded Grafana, and clients of it that note their pauses in place of making them. */
export class ClientHarness {
  grafana: EmbeddedGrafana;
  /** Milliseconds that a client wanted to sleep, in order. */
  readonly pauses: number[] = [];

  static async start(options: EmbeddedGrafanaOptions = {}): Promise<ClientHarness> {
    return new ClientHarness(await EmbeddedGrafana.start(options));
  }

  private constructor(grafana: EmbeddedGrafana) {
    this.grafana = grafana;
  }

  /** Start over with another Grafana. */
  async restart(options: EmbeddedGrafanaOptions): Promise<void> {
    await this.grafana.stop();
    this.grafana = await EmbeddedGrafana.start(options);
  }

  client(options: Partial<GrafanaClientOptions> = {}): GrafanaClient {
    return grafanaClient({
      url: this.grafana.url,
      auth: { kind: 'bearer', token: this.grafana.token },
      sleep: async (ms) => void this.pauses.push(ms),
      ...options,
    });
  }
}

/** @returns the error that a call ended with; a call that succeeds fails the test */
export async function failure(promise: Promise<unknown>): Promise<GrafanaApiError> {
  const error = await promise.then(
    (value) => assert.fail(`it succeeded with ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof GrafanaApiError, String(error));
  return error;
}
