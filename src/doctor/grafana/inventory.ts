import type { LiveDatasource } from './live-grafana.ts';

/** What a text is that stands where Grafana wants the UID of a datasource. */
export type Found =
  | { readonly by: 'uid' | 'name' | 'id' | 'default'; readonly datasource: LiveDatasource }
  /** Not to be judged from here: a variable, or what is built into Grafana. */
  | { readonly by: 'grafana' }
  /** Nothing, or a name that several have. */
  | { readonly by: 'nothing' };

/** The datasources of a Grafana, to be found in many ways: there may be thousands, and as many who ask. */
export class Inventory {
  readonly #all: readonly LiveDatasource[];
  readonly #prefer: ReadonlySet<string>;
  readonly #byUid: ReadonlyMap<string, LiveDatasource>;
  readonly #byName: ReadonlyMap<string, readonly LiveDatasource[]>;
  readonly #byId: ReadonlyMap<string, readonly LiveDatasource[]>;
  readonly #byTypes = new Map<string, readonly LiveDatasource[]>();

  /** @param prefer - UIDs to choose before others */
  constructor(all: readonly LiveDatasource[], prefer: ReadonlySet<string>) {
    this.#all = all;
    this.#prefer = prefer;
    this.#byUid = new Map(all.map((one) => [one.uid, one]));
    this.#byName = Map.groupBy(all, ({ name }) => name);
    this.#byId = Map.groupBy(all, ({ id }) => String(id));
  }

  /**
   * Looks up as Grafana's pages do: by UID, then by name, then by number.
   * @see grafana/grafana: public/app/features/plugins/datasource_srv.ts
   */
  lookUp(text: string): Found {
    const byUid = this.#byUid.get(text);
    if (byUid !== undefined) return { by: 'uid', datasource: byUid };
    if (text.includes('$') || builtIn.has(text)) return { by: 'grafana' };
    const defaults = text === 'default' ? this.#all.filter(({ isDefault }) => isDefault) : undefined;
    return (
      only('name', this.#byName.get(text)) ??
      only('id', this.#byId.get(text)) ??
      only('default', defaults) ?? { by: 'nothing' }
    );
  }

  /** @returns every datasource of these types but one, by name */
  ofTypes(types: readonly string[], but: LiveDatasource): LiveDatasource[] {
    const key = JSON.stringify(types);
    const known = this.#byTypes.get(key) ?? this.#all.filter(({ type }) => types.includes(type));
    this.#byTypes.set(key, known);
    return known.filter((one) => one !== but);
  }

  /** @returns of several, those that are preferred; all where none is */
  preferred(all: readonly LiveDatasource[]): readonly LiveDatasource[] {
    if (this.#prefer.size === 0) return all;
    const some = all.filter(({ uid }) => this.#prefer.has(uid));
    return some.length > 0 ? some : all;
  }
}

function only(by: 'name' | 'id' | 'default', all: readonly LiveDatasource[] = []): Found | undefined {
  const [datasource, ...others] = all;
  return datasource === undefined || others.length > 0 ? undefined : { by, datasource };
}

/** Names and UIDs of datasources that are in no list: test data, the Alertmanager, expressions. */
const builtIn: ReadonlySet<string> = new Set([
  'grafana',
  '-- Grafana --',
  '-- Mixed --',
  '-- Dashboard --',
  '__expr__',
]);
