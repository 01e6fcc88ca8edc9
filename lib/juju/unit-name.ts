/** A unit's name, such as `tempo/0`: the application's name, a slash and the unit number. */
export type UnitName = `${string}/${number}`;

/** The parts of a unit's name. `number` is what orders units: `mimir/2` stands before `mimir/10`. */
export interface UnitNameParts {
  readonly app: string;
  readonly number: number;
}

// Applications of the offering side of a cross-model relation are called `remote-` and 32 hex digits, so the
// name may hold parts that Juju would not allow an operator to choose: only the shape is checked here.
const shape = /^([a-z][a-z0-9-]*)\/(0|[1-9][0-9]*)$/;

/** @returns whether `name` has the shape of a unit's name */
export function isUnitName(name: string): name is UnitName {
  return shape.test(name);
}

/** @throws {TypeError} when `name` is no unit's name */
export function parseUnitName(name: string): UnitNameParts {
  const [, app, number] = shape.exec(name) ?? [];
  if (app === undefined || number === undefined) throw new TypeError(`'${name}' is no unit name`);
  return { app, number: Number(number) };
}

/** @throws {TypeError} when `name` is no unit's name */
export function toUnitName(name: string): UnitName {
  if (!isUnitName(name)) throw new TypeError(`'${name}' is no unit name`);
  return name;
}

/** Orders by application name, then by unit number as a number. */
export function compareUnitNames(a: UnitName, b: UnitName): number {
  const left = parseUnitName(a);
  const right = parseUnitName(b);
  if (left.app !== right.app) return left.app < right.app ? -1 : 1;
  return left.number - right.number;
}
