import assert from 'node:assert/strict';
import type { RelationDraft, UnitState } from '#lib/juju/testing';
import type { EmbeddedGrafana } from '#src/grafana/embedded';
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
