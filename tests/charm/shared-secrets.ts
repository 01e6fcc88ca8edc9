import type { SecretContent } from '#lib/juju';
import type { RelationDraft, UnitState } from '#lib/juju/testing';
import { modelUuid, source } from './worlds.ts';

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
