import { uidProblem } from './uid.ts';
import type { Gates } from './version.ts';

/** One stored datasource. Rows are replaced, never changed in place. */
export interface Row {
  readonly id: number;
  readonly uid: string;
  readonly orgId: number;
  readonly name: string;
  readonly type: string;
  readonly access: string;
  readonly url: string;
  readonly user: string;
  readonly database: string;
  readonly basicAuth: boolean;
  readonly basicAuthUser: string;
  readonly withCredentials: boolean;
  readonly isDefault: boolean;
  readonly jsonData: Readonly<Record<string, unknown>>;
  readonly secureJsonData: Readonly<Record<string, string>>;
  readonly version: number;
  readonly readOnly: boolean;
}

/** What a request body asks for: Go's zero value where it says nothing. */
export type Command = Omit<Row, 'id' | 'orgId' | 'readOnly'>;

/** Why a write was refused. Which HTTP answer that is depends on the call. */
export type Problem =
  | 'NAME_INVALID'
  | 'NAME_TAKEN'
  | 'UID_CHANGED'
  | 'UID_INVALID'
  | 'UID_TAKEN'
  | 'URL_INVALID'
  | 'VERSION_STALE';

const longestName = 190;
const longestUrl = 255;
const onlyOrgId = 1;

/**
 * The datasources of one organisation, with Grafana's rules and no HTTP.
 * @see grafana/grafana: pkg/services/datasources/service/{datasource,store}.go
 */
export class Store {
  readonly #byId = new Map<number, Row>();
  readonly #byUid = new Map<string, Row>();
  readonly #byName = new Map<string, Row>();
  /** All rows in list order; another array after each write. */
  #listed: readonly Row[] = [];
  readonly #gates: Gates;
  readonly #newUid: () => string;
  #lastId = 0;

  constructor(gates: Gates, newUid: () => string) {
    this.#gates = gates;
    this.#newUid = newUid;
  }

  /** All rows in list order, for the caller to keep. */
  list(): Row[] {
    return [...this.#listed];
  }

  /**
   * All rows, by lower-cased name in byte order, then by name. Grafana leaves the order among the latter open.
   * @returns the same array until the next write
   */
  rows(): readonly Row[] {
    return this.#listed;
  }

  /** Brings back rows of before, as they were, in place of all. Ids go on counting. */
  restore(rows: readonly Row[]): void {
    for (const { id } of this.#listed) this.#unset(id);
    for (const row of rows) {
      this.#set(row);
      this.#lastId = Math.max(this.#lastId, row.id);
    }
  }

  find(key: { id: number } | { uid: string } | { name: string }): Row | undefined {
    if ('id' in key) return this.#byId.get(key.id);
    return 'uid' in key ? this.#byUid.get(key.uid) : this.#byName.get(key.name);
  }

  /** Creates a row. The name is checked before the uid. */
  add(command: Command): Row | Problem {
    const name = command.name === '' ? this.#freeName(command.type) : command.name;
    const problem = this.#lengthProblem(name, command.url);
    if (problem !== undefined) return problem;
    if (this.find({ name }) !== undefined) return 'NAME_TAKEN';
    if (this.#gates.uidChecked && uidProblem(command.uid) !== undefined) return 'UID_INVALID';
    const uid = command.uid === '' ? this.#freeUid() : command.uid;
    if (this.find({ uid }) !== undefined) return 'UID_TAKEN';
    const isDefault = command.isDefault || (this.#gates.firstIsDefault && this.#byId.size === 0);
    return this.#insert({ ...command, name, uid, isDefault, version: 1, readOnly: false });
  }

  /** Inserts a row as it stands, valid or not, as an older Grafana or a provisioning file may have left it. */
  seed(row: Omit<Row, 'id' | 'orgId'>): Row {
    const uid = row.uid === '' ? this.#freeUid() : row.uid;
    if (this.find({ uid }) ?? this.find({ name: row.name })) {
      throw new TypeError(`a datasource with the uid '${uid}' or the name '${row.name}' is there already`);
    }
    return this.#insert({ ...row, uid });
  }

  /**
   * Replaces a row. Three rules surprise:
   * - `version` 0 locks nothing and sets the counter back to 1. Another one must not be below the stored one, and
   *   the counter then goes on from it, so that a large number always wins.
   * - an empty `url`, `basicAuthUser` or `uid` leaves what is stored (the ORM skips zero values), while an empty
   *   `user` or `database` clears it.
   * - secrets are merged by key; an empty one is unset.
   */
  update(row: Row, command: Command): Row | Problem {
    const problem = this.#lengthProblem(command.name, command.url);
    if (problem !== undefined) return problem;
    const namesake = this.find({ name: command.name });
    if (namesake !== undefined && namesake.id !== row.id) return 'NAME_TAKEN';
    const uid = command.uid === '' ? row.uid : command.uid;
    if (uid !== row.uid && this.#gates.uidImmutable) return 'UID_CHANGED';
    // An old uid of a form that is no longer allowed passes as long as the body doesn't repeat it.
    if (this.#gates.uidChecked && uidProblem(command.uid) !== undefined) return 'UID_INVALID';
    if (command.version !== 0 && command.version < row.version) return 'VERSION_STALE';
    const holder = this.find({ uid });
    if (holder !== undefined && holder.id !== row.id) return 'UID_TAKEN';
    return this.#put({
      ...command,
      id: row.id,
      orgId: row.orgId,
      uid,
      url: command.url === '' ? row.url : command.url,
      basicAuthUser: command.basicAuthUser === '' ? row.basicAuthUser : command.basicAuthUser,
      jsonData: this.#withStoredTeamHeaders(command.jsonData, row.jsonData),
      secureJsonData: mergeSecrets(row.secureJsonData, command.secureJsonData),
      version: command.version + 1,
      readOnly: false,
    });
  }

  /** Deletes a row. Its id is never used again; a deleted default leaves the organisation without one. */
  remove(row: Row): void {
    this.#unset(row.id);
  }

  /** Counts a write by somebody else, without changing anything. */
  bumpVersion(row: Row): Row {
    return this.#put({ ...row, version: row.version + 1 });
  }

  #insert(row: Omit<Row, 'id' | 'orgId'>): Row {
    this.#lastId += 1;
    const secureJsonData = mergeSecrets({}, row.secureJsonData);
    return this.#put({ ...row, id: this.#lastId, orgId: onlyOrgId, secureJsonData });
  }

  /** Stores a row. A default one takes the flag from the one that has it, even a read-only one, whose version stays. */
  #put(row: Row): Row {
    if (row.isDefault) {
      const other = this.#byId.values().find(({ isDefault }) => isDefault);
      if (other !== undefined) this.#set({ ...other, isDefault: false });
    }
    this.#set(row);
    return row;
  }

  #set(row: Row): void {
    this.#unset(row.id);
    this.#listed = this.#listed.toSpliced(placeOf(row, this.#listed), 0, row);
    this.#byId.set(row.id, row);
    this.#byUid.set(row.uid, row);
    this.#byName.set(row.name, row);
  }

  #unset(id: number): void {
    const row = this.#byId.get(id);
    if (row === undefined) return;
    this.#listed = this.#listed.filter((one) => one !== row);
    this.#byId.delete(row.id);
    this.#byUid.delete(row.uid);
    this.#byName.delete(row.name);
  }

  #lengthProblem(name: string, url: string): Problem | undefined {
    if (!this.#gates.lengthsChecked) return undefined;
    if (Buffer.byteLength(name) > longestName) return 'NAME_INVALID';
    return Buffer.byteLength(url) > longestUrl ? 'URL_INVALID' : undefined;
  }

  /** `tempo`, else `tempo-1`, `tempo-2`, ...; case makes no difference. */
  #freeName(type: string): string {
    const taken = new Set(this.#byName.keys().map((taken) => taken.toLowerCase()));
    let name = type;
    for (let n = 1; taken.has(name.toLowerCase()); n++) name = `${type}-${n}`;
    return name;
  }

  #freeUid(): string {
    let uid = this.#newUid();
    while (this.find({ uid }) !== undefined) uid = this.#newUid();
    return uid;
  }

  /** Team headers have a route of their own: here they can be neither set nor lost. */
  #withStoredTeamHeaders(wanted: Row['jsonData'], stored: Row['jsonData']): Row['jsonData'] {
    if (!this.#gates.teamHeadersRefused) return wanted;
    const { teamHttpHeaders: _ignored, ...rest } = wanted;
    return 'teamHttpHeaders' in stored ? { ...rest, teamHttpHeaders: stored.teamHttpHeaders } : rest;
  }
}

function mergeSecrets(stored: Row['secureJsonData'], given: Row['secureJsonData']): Row['secureJsonData'] {
  return Object.fromEntries(Object.entries({ ...stored, ...given }).filter(([, value]) => value !== ''));
}

/** Before which of the rows in list order another one belongs. */
function placeOf(row: Row, listed: readonly Row[]): number {
  let [from, to] = [0, listed.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const there = listed[middle];
    if (there !== undefined && compareRows(there, row) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function compareRows(a: Row, b: Row): number {
  return compareBytes(a.name.toLowerCase(), b.name.toLowerCase()) || compareBytes(a.name, b.name);
}

/** As the bytes of UTF-8 compare, which come in the order of code points. */
function compareBytes(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let at = 0;
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at === shorter ? a.length - b.length : rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
}

/** Surrogates stand for the code points after all that are one unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
