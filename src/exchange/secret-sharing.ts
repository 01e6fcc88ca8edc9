import { secretIdOf } from '#lib/juju';
import { offeredSecret, offerSecretDatabag, secureJsonDataKey } from '#src/relations/grafana-datasource';
import type { SecretIntent } from './secret-view.ts';
import type { GrafanaRelation, View } from './view.ts';

/** @returns null when nothing is to be done: it is as it should be, or a follower's view */
export function decideSecret(view: View): SecretIntent | null {
  const { secret, grafanas, configProblems } = view;
  if (secret === null) return null;
  const { uri, current } = secret;
  const obsolete = uri === null ? null : secret.obsolete;
  if (configProblems.length > 0) {
    // It stays as it was, like all that this datasource says. What nobody reads is none of that, and told of once.
    return uri === null || obsolete === null ? null : { step: 'keep', uri, share: [], obsolete };
  }
  const readers = grafanas.filter((relation) => isShared(view, relation));
  // With nobody to read it, a copy of the operator's secret is of no use.
  if (readers.length === 0) {
    return uri === null ? null : { step: 'remove', uri, share: [], obsolete: null };
  }
  // Who was told was let in before: Juju takes both at once, and the grant first.
  const untold = readers.filter(
    ({ localAppData }) => !isSame(localAppData && offeredSecret(localAppData), uri),
  );
  const share = untold.map(({ relationId }) => relationId);
  if (uri === null) return { step: 'create', uri, share, obsolete: null };
  if (current && share.length === 0 && obsolete === null) return null;
  return { step: current ? 'keep' : 'update', uri, share, obsolete };
}

/** What takes the URI back where the secret is not shared; nothing where it is: telling takes a grant as well. */
export function secretTakenBack(view: View, relation: GrafanaRelation): Readonly<Record<string, string>> {
  return isShared(view, relation) ? {} : offerSecretDatabag('');
}

function isShared({ secret, datasource }: View, { relationId }: GrafanaRelation): boolean {
  return datasource !== null && secret?.wanted === true && !secret.unshareable.includes(relationId);
}

/** Whether one Grafana has what the operator put into `secure-json-data`. */
export interface SecretNote {
  readonly remoteApp: string;
  readonly taken: boolean;
  /** One line for the operator: how it is, and what to do where it is not well. */
  readonly message: string;
}

/** @returns one for each Grafana that has answered; `[]` where there is no secret to share, and for a follower */
export function secretNotes({ secret, datasource, grafanas }: View): SecretNote[] {
  if (datasource === null || secret === null || !secret.wanted) return [];
  return grafanas.flatMap(({ relationId, remoteApp, answer }): SecretNote[] => {
    const note = (taken: boolean, message: string) => [
      { remoteApp, taken, message: `${remoteApp}: ${message}` },
    ];
    if (secret.unshareable.includes(relationId)) return note(false, acrossModels);
    if (isSame(answer.secretUri, secret.uri)) return note(true, `has taken ${secureJsonDataKey}`);
    const answered = answer.grafanaUid !== undefined || answer.datasourceUids !== undefined;
    return answered ? note(false, notTaken) : [];
  });
}

const elsewhere = 'put the values into that Grafana by hand, or integrate a crosslink gateway of it instead';
const notTaken =
  `has not taken ${secureJsonDataKey}. A crosslink gateway takes it in its next hooks, or says in its status why ` +
  `not. Canonical's grafana-k8s does not read it: ${elsewhere}`;
const acrossModels =
  `can't be given ${secureJsonDataKey}: Juju shares secrets from the side of a cross-model relation that was ` +
  `offered. Offer this application's grafana-source rather than that Grafana, or ${elsewhere}`;

function isSame(a: string | null | undefined, b: string | null): boolean {
  const [left, right] = [a, b].map((uri) =>
    uri === null || uri === undefined ? undefined : secretIdOf(uri),
  );
  return left !== undefined && left === right;
}
