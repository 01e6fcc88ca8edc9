import type { SecretContent } from '#lib/juju';
import type { HookOutcome, RelationDraft, UnitState } from '#lib/juju/testing';
import { datasourceWorld, grafanaSource, relationIn } from './worlds.ts';

/** Of the secret that the operator made, and named by the option. */
export const operators = 'operatorssecret00000';
export const uri = `secret:${operators}`;
export const password = 'hunter2-hunter2';
export const yaml = `basicAuthPassword: ${password}\n`;
export const answered = { grafana_uid: 'g1', datasource_uids: '{}', app_datasource_uid: 'tempo-1' };

/** The leader of a datasource whose `secure-json-data` names a secret with this text in it. */
export function secretWorld(
  relations: readonly RelationDraft[],
  {
    text = yaml,
    content = { 'secure-json-data': text },
    granted = true,
    ...given
  }: { text?: string; content?: SecretContent; granted?: boolean; leader?: boolean } = {},
): UnitState {
  return datasourceWorld(relations, {
    ...given,
    config: { 'secure-json-data': uri },
    secrets: [{ id: operators, owner: { kind: 'model' }, revisions: [{ revision: 1, content }], granted }],
  });
}

/** A Grafana that has answered, and says nothing of secrets. */
export const grafana = (remoteApp = 'grafana', rest: Partial<RelationDraft> = {}) =>
  grafanaSource(remoteApp, answered, rest);

/** The secret that the charm made to share what is in the operator's. */
export function ownSecret({ secrets }: UnitState) {
  return secrets.find(({ owner }) => owner.kind === 'application');
}

/** Which secret a Grafana is told of. */
export function told(given: UnitState, remoteApp = 'grafana'): string | undefined {
  return relationIn(given, 'grafana-source', remoteApp).localAppData.grafana_source_secret;
}

/** What a hook did with secrets. */
export const kinds = ({ changes }: HookOutcome) => changes.secrets.map(({ kind }) => kind);
