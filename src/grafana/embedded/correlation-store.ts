/** One stored correlation. */
export interface CorrelationRow {
  readonly uid: string;
  readonly sourceUID: string;
  readonly targetUID: string;
  readonly label: string;
  readonly description: string;
  readonly type: string;
  readonly provisioned: boolean;
  readonly config: CorrelationConfig;
}

export interface CorrelationConfig {
  readonly field: string;
  readonly target: Readonly<Record<string, unknown>>;
  readonly transformations: readonly Readonly<Record<string, string>>[];
}

/** The correlations of one organisation, in the order in which they were made. No two ends are too many for Grafana. */
export class CorrelationStore {
  readonly #rows = new Map<string, CorrelationRow>();
  readonly #newUid: () => string;

  constructor(newUid: () => string) {
    this.#newUid = newUid;
  }

  list(): CorrelationRow[] {
    return [...this.#rows.values()];
  }

  find(sourceUID: string, uid: string): CorrelationRow | undefined {
    const row = this.#rows.get(uid);
    return row?.sourceUID === sourceUID ? row : undefined;
  }

  add(row: Omit<CorrelationRow, 'uid'>): CorrelationRow {
    let uid = this.#newUid();
    while (this.#rows.has(uid)) uid = this.#newUid();
    return this.put({ ...row, uid });
  }

  put(row: CorrelationRow): CorrelationRow {
    this.#rows.set(row.uid, row);
    return row;
  }

  remove({ uid }: CorrelationRow): void {
    this.#rows.delete(uid);
  }

  /** Brings back rows of before, as they were, in place of all. */
  restore(rows: readonly CorrelationRow[]): void {
    this.#rows.clear();
    for (const row of rows) this.put(row);
  }

  /** What leads from or to a datasource goes with it. */
  removeAllOf(datasourceUid: string): void {
    for (const row of this.list()) {
      if (row.sourceUID === datasourceUid || row.targetUID === datasourceUid) this.remove(row);
    }
  }
}
