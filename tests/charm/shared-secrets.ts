import type { SecretContent } from '#lib/juju';
import type { RelationDraft, UnitState } from '#lib/juju/testing';
import { grafanaPerTest } from './gateway-grafana.ts';
import { gatewayWorld, modelUuid, relationIn, runCharm, source } from './worlds.ts';

export const id = 'temposecret000000000';
export const uri = `secret://${modelUuid}/${id}`;
export const value = 'hunter2-hunter2';
export const holds = (data: unknown): SecretContent => ({ 'secure-extra-fields': JSON.stringify(data) });

/** An application that shares its secret, and this much else. */
export function sharing(
  remoteApp: string,
  secret: string,
  draft: Parameters<typeof source>[1] = {},
): RelationDraft {
  const plain = source(remoteApp, { app: `http://${remoteApp}`, ...draft });
  return { ...plain, remoteAppData: { ...plain.remoteAppData, grafana_source_secret: secret } };
}

/** The world with a secret of another application's in it. */
export function withSecret(
  given: UnitState,
  content: SecretContent = holds({ basicAuthPassword: value }),
  { granted = true, revision = 1 } = {},
): UnitState {
  const others = given.secrets.filter((one) => one.id !== id);
  const owner = { kind: 'application', name: 'tempo' } as const;
  const known = given.secrets.find((one) => one.id === id);
  const revisions = [
    ...(known?.revisions ?? []).filter((one) => one.revision < revision),
    { revision, content },
  ];
  return { ...given, secrets: [...others, { ...known, id, owner, granted, revisions }] };
}

/** For a suite: a Grafana that is new in each of its tests, and what came of secrets in it and in databags. */
export function secretsPerTest() {
  const { grafana, uidOf } = grafanaPerTest();
  const knownUid = (url: string) => uidOf(url) ?? '';
  return {
    grafana,
    /** '' where there is none. */
    uidOf: knownUid,
    stored: (url = 'http://tempo') => grafana.secureJsonData(knownUid(url)),
    answer: (given: UnitState, app = 'tempo') => relationIn(given, 'datasources', app).localAppData,
    /** The world after a gateway has seen these relations, and a secret with this in it. */
    async settled(relations: readonly RelationDraft[], content?: SecretContent): Promise<UnitState> {
      const given = withSecret(gatewayWorld(grafana, relations), content);
      return (await runCharm('config-changed', given)).state;
    },
  };
}
