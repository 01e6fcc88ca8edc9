import type { SecretContent, SecretMetadata } from '../hook-tools.ts';
import { sameContent } from './secret-content.ts';
import type { SecretChange } from './state.ts';

type Add = Extract<SecretChange, { kind: 'add' }>;
type Update = Extract<SecretChange, { kind: 'set' }>;

/** What a hook wants done to secrets: several updates of one secret are one, and repeats are dropped. */
export class SecretChanges {
  #changes: SecretChange[] = [];

  add(change: Add): void {
    this.#changes.push(change);
  }

  added(id: string): Add | undefined {
    return this.#changes.find((change): change is Add => change.kind === 'add' && change.id === id);
  }

  get allAdded(): Add[] {
    return this.#changes.filter((change): change is Add => change.kind === 'add');
  }

  updated(id: string): Update | undefined {
    return this.#changes.find((change): change is Update => change.kind === 'set' && change.id === id);
  }

  /** @param latest - content of the secret's latest revision: writing the same again makes no new revision */
  set(id: string, metadata: SecretMetadata, content?: SecretContent, latest?: SecretContent): void {
    const added = this.added(id);
    if (added) {
      const update = { metadata: { ...added.metadata, ...metadata }, ...(content ? { content } : {}) };
      this.#replace(added, { ...added, ...update });
      return;
    }
    const old = this.updated(id);
    const merged = content ?? old?.content;
    const fresh = merged && !(latest && sameContent(merged, latest)) ? { content: merged } : {};
    const change: Update = { kind: 'set', id, metadata: { ...old?.metadata, ...metadata }, ...fresh };
    const idle = !change.content && Object.keys(change.metadata).length === 0;
    this.#replace(old, idle ? undefined : change);
  }

  grant(change: Extract<SecretChange, { kind: 'grant' }>): void {
    const repeated = this.#changes.some(
      (old) =>
        old.kind === 'grant' &&
        old.id === change.id &&
        old.relationId === change.relationId &&
        old.unit === change.unit,
    );
    if (!repeated) this.#changes.push(change);
  }

  revoke(change: Extract<SecretChange, { kind: 'revoke' }>): void {
    this.#changes.push(change);
  }

  remove(change: Extract<SecretChange, { kind: 'remove' }>): void {
    const neverWas = this.added(change.id) !== undefined;
    if (change.revision === undefined) this.#changes = this.#changes.filter(({ id }) => id !== change.id);
    if (!neverWas) this.#changes.push(change);
  }

  removed(id: string): boolean {
    return this.#changes.some(
      (change) => change.kind === 'remove' && change.id === id && change.revision === undefined,
    );
  }

  all(): readonly SecretChange[] {
    return [...this.#changes];
  }

  #replace(old: SecretChange | undefined, change: SecretChange | undefined): void {
    if (old) this.#changes = this.#changes.flatMap((one) => (one === old ? (change ? [change] : []) : [one]));
    else if (change) this.#changes.push(change);
  }
}
