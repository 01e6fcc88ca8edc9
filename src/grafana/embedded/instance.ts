import type { RawRequest } from './answer.ts';
import { answer, routerOf } from './answer.ts';
import type { Role } from './auth.ts';
import { Authenticator, generateToken } from './auth.ts';
import { nothing } from './bind.ts';
import type { CorrelationRow } from './correlation-store.ts';
import { CorrelationStore } from './correlation-store.ts';
import type { Random } from './random.ts';
import { secureRandom } from './random.ts';
import type { Reply } from './respond.ts';
import { datasourceDto, datasourceTexts } from './routes/datasource-dto.ts';
import { removeDatasource } from './routes/datasources.ts';
import type { PluginHealth, World } from './routes/route.ts';
import type { CorrelationSeed, DatasourceSeed } from './seed.ts';
import { correlationRowOf, rowOf } from './seed.ts';
import type { Row } from './store.ts';
import { Store } from './store.ts';
import { generateUid } from './uid.ts';
import { gatesOf } from './version.ts';

export interface GrafanaInstanceOptions {
  /** The Grafana version to behave as. Default 12.1.0. */
  version?: string;
  /** Scheme, host and port that it is reached by. Default http://localhost:3000. */
  origin?: string;
  /** Such as `/grafana`. Default none. */
  subPath?: string;
  /** Default `admin`. */
  adminUser?: string;
  /** Default `admin`. */
  adminPassword?: string;
  /** The Admin token to accept, e.g. one that outlives a restart. Default: a new one. */
  token?: string;
  /** Datasources that are there already. */
  seed?: readonly DatasourceSeed[];
  /** Unix milliseconds. Default `Date.now`. */
  clock?: () => number;
  /**
   * Numbers in [0, 1), of which uids, tokens and the ids in answers are made: with the same ones and the same clock,
   * the same requests get the same bytes. Default: numbers that nobody can guess. They have to vary, since a uid
   * that is taken is made anew.
   */
  random?: Random;
}

/** A datasource as `GET /api/datasources/uid/:uid` shows it. */
export type DatasourceSnapshot = ReturnType<typeof datasourceDto>;

/** The database of a Grafana at one time. Rows never change, so it stays as it is whatever is written afterwards. */
export interface GrafanaBackup {
  readonly datasources: readonly Row[];
  readonly correlations: readonly CorrelationRow[];
}

/** What somebody can change of a datasource in Grafana's pages; `jsonData` is whole, secrets are merged by key. */
export type DatasourceEdit = Partial<
  Pick<
    Row,
    | 'name'
    | 'type'
    | 'access'
    | 'url'
    | 'user'
    | 'database'
    | 'basicAuth'
    | 'basicAuthUser'
    | 'withCredentials'
    | 'isDefault'
    | 'jsonData'
    | 'secureJsonData'
  >
>;

/**
 * A Grafana without Grafana and without I/O: what it holds, and what it answers to the datasource, health, org and
 * frontend-settings API as Grafana of a given version does. Its state is in memory.
 */
export class GrafanaInstance {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  /** A service account token with the role Admin. */
  readonly token: string;
  readonly version: string;
  readonly subPath: string;
  readonly #world: World;
  readonly #authenticator: Authenticator;
  readonly #pluginHealth = new Map<string, PluginHealth>();

  /** @throws {TypeError} an unknown version, a malformed token or sub-path, or seeds that clash */
  constructor(options: GrafanaInstanceOptions = {}) {
    const { version = '12.1.0', origin = 'http://localhost:3000', subPath = '' } = options;
    const { clock = Date.now, random = secureRandom } = options;
    if (!/^(\/[\w.~-]+)*$/.test(subPath))
      throw new TypeError(`'${subPath}' is no sub-path such as '/grafana'`);
    const gates = gatesOf(version);
    this.version = version;
    this.subPath = subPath;
    this.url = `${origin}${subPath}`;
    const newUid = () => generateUid(gates.uidStyle, clock, random);
    this.#world = {
      version,
      gates,
      router: routerOf(gates),
      store: new Store(gates, newUid),
      texts: datasourceTexts(gates),
      correlations: new CorrelationStore(newUid),
      pluginHealth: this.#pluginHealth,
      random,
      appUrl: `${this.url}/`,
      subPath,
    };
    for (const seed of options.seed ?? []) this.seed(seed);
    this.#authenticator = new Authenticator(gates, clock);
    this.#authenticator.addUser(options.adminUser ?? 'admin', options.adminPassword ?? 'admin');
    this.token = options.token ?? generateToken(random);
    this.#authenticator.addToken(this.token, 'Admin');
  }

  /** What it answers, with all that follows from the request done. */
  answer(request: RawRequest): Reply {
    return answer(request, this.#world, this.#authenticator);
  }

  /** @returns a token of a service account with this role: a new one, unless one is given */
  addToken({ role, token = generateToken(this.#world.random) }: { role: Role; token?: string }): string {
    this.#authenticator.addToken(token, role);
    return token;
  }

  /** All datasources in list order, in full, without values of secrets. */
  datasources(): DatasourceSnapshot[] {
    return this.#world.store.list().map((row) => datasourceDto(row, this.#world.gates));
  }

  /**
   * All datasources as they are stored, secrets included, in list order. A row never changes: a write replaces it, and
   * leaves all others the same objects. So a row that is `===` to one of before says the same, and as long as nothing
   * was written so does the array.
   */
  rows(): readonly Row[] {
    return this.#world.store.rows();
  }

  /** All correlations, in the order in which they were made. */
  correlations(): CorrelationRow[] {
    return structuredClone(this.#world.correlations.list());
  }

  /** The stored secrets of a datasource, which no request ever sees. */
  secureJsonData(uid: string): Readonly<Record<string, string>> {
    return { ...this.#row(uid).secureJsonData };
  }

  /**
   * Put a datasource in, past all checks, as a provisioning file or an older Grafana would have.
   * @throws {TypeError} its uid or name is taken
   */
  seed(datasource: DatasourceSeed): void {
    this.#world.store.seed(rowOf(datasource));
  }

  /** Put a correlation in, past all checks, as somebody else or a provisioning file would have. */
  seedCorrelation(correlation: CorrelationSeed): CorrelationRow {
    return this.#world.correlations.add(correlationRowOf(correlation));
  }

  /** Write as somebody else: the version of the datasource goes up by one, and nothing else changes. */
  bumpVersion(uid: string): void {
    this.#world.store.bumpVersion(this.#row(uid));
  }

  /**
   * Change a datasource as somebody does in Grafana's pages: these fields alone, and the version goes up by one.
   * @returns the new row
   * @throws {TypeError} there is none, it is read only, or Grafana wouldn't take the change: `NAME_TAKEN`
   */
  edit(uid: string, { jsonData, ...changes }: DatasourceEdit): Row {
    const row = this.#writable(uid);
    const edited = this.#world.store.update(row, {
      ...nothing,
      ...row,
      ...changes,
      jsonData: jsonData === undefined ? row.jsonData : structuredClone(jsonData),
      secureJsonData: { ...changes.secureJsonData },
      uid: '', // stays, whatever its form
    });
    if (typeof edited === 'string') throw new TypeError(`datasource '${uid}' can't be changed so: ${edited}`);
    return edited;
  }

  /**
   * Delete a datasource as somebody does in Grafana's pages, and with it what leads from or to it.
   * @throws {TypeError} there is none, or it is read only
   */
  remove(uid: string): void {
    removeDatasource(this.#writable(uid), this.#world);
  }

  /** Let the plugin of a datasource say this when it is asked for its health. */
  setPluginHealth(uid: string, health: PluginHealth): void {
    this.#pluginHealth.set(uid, health);
  }

  /** Datasources and correlations as they are now. */
  backup(): GrafanaBackup {
    const { store, correlations } = this.#world;
    return { datasources: store.rows(), correlations: correlations.list() };
  }

  /**
   * Go back to a backup, as an operator restores an older database: datasources and correlations are as they were then,
   * versions too. Ids go on counting, so none is given twice. Users, tokens and the health of plugins stay.
   */
  restore({ datasources, correlations }: GrafanaBackup): void {
    this.#world.store.restore(datasources);
    this.#world.correlations.restore(correlations);
  }

  #row(uid: string): Row {
    const row = this.#world.store.find({ uid });
    if (row === undefined) throw new TypeError(`the embedded Grafana has no datasource '${uid}'`);
    return row;
  }

  #writable(uid: string): Row {
    const row = this.#row(uid);
    if (row.readOnly) throw new TypeError(`datasource '${uid}' is read only: Grafana's pages can't write it`);
    return row;
  }
}
