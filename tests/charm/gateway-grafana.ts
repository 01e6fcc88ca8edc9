import assert from 'node:assert/strict';
import type { RelationDraft, UnitState } from '#lib/juju/testing';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { gatewayWorld, runCharm } from './worlds.ts';

/** URLs of all datasources, in Grafana's order. */
export function heldIn(grafana: EmbeddedGrafana): string[] {
  return grafana.datasources().map(({ url }) => url);
}

export function uidIn(grafana: EmbeddedGrafana, url: string): string | undefined {
  return grafana.datasources().find((one) => one.url === url)?.uid;
}

/** `jsonData` in Grafana, without the marker that it must have. */
export function jsonDataIn(grafana: EmbeddedGrafana, url: string): Record<string, unknown> {
  const found = grafana.datasources().find((one) => one.url === url);
  const { crosslink, ...rest } = found?.jsonData as Record<string, unknown>;
  assert.ok(crosslink);
  return rest;
}

/** The world after a gateway of this Grafana has seen these relations. */
export async function settledIn(
  grafana: EmbeddedGrafana,
  relations: readonly RelationDraft[],
  given: Parameters<typeof gatewayWorld>[2] = {},
): Promise<UnitState> {
  return (await runCharm('config-changed', gatewayWorld(grafana, relations, given))).state;
}

/**
 * For a suite: a Grafana that is new in each of its tests, and what to ask of it and of its gateway.
 * @returns `grafana`: stands for that of the test which runs; `replaceGrafana`: stops that one, and starts another,
 * which has nothing, in its place
 */
export function grafanaPerTest(options?: GrafanaOptions) {
  let current: EmbeddedGrafana | undefined;
  setup(async () => {
    current = await EmbeddedGrafana.start(options);
  });
  teardown(async () => {
    await current?.stop();
    current = undefined;
  });
  const grafana = new Proxy({} as EmbeddedGrafana, {
    get(_, name) {
      const its = current ?? assert.fail('there is a Grafana only while a test runs');
      const value: unknown = Reflect.get(its, name);
      return typeof value === 'function' ? value.bind(its) : value;
    },
  });
  return {
    grafana,
    async replaceGrafana(given?: GrafanaOptions): Promise<void> {
      await grafana.stop();
      current = await EmbeddedGrafana.start(given);
    },
    held: () => heldIn(grafana),
    uidOf: (url: string) => uidIn(grafana, url),
    jsonDataOf: (url: string) => jsonDataIn(grafana, url),
    settled: (relations: readonly RelationDraft[], given?: Parameters<typeof settledIn>[2]) =>
      settledIn(grafana, relations, given),
  };
}

type GrafanaOptions = Parameters<typeof EmbeddedGrafana.start>[0];
