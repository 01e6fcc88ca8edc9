import { secretIdOf } from '../secret-uri.ts';
import { parseUnitName, type UnitName } from '../unit-name.ts';
import { checkContent } from './secret-content.ts';
import type { RelationState, SecretState, UnitState } from './state.ts';

/** @throws {TypeError} for a world that Juju cannot produce, saying why not */
export function requirePossible(state: UnitState): void {
  const { app } = parseUnitName(state.unit);
  requireUnique(
    state.relations.map(({ id }) => id),
    'two relations with the id',
  );
  requireUnique(
    state.relations.filter(({ peer }) => peer).map(({ endpoint }) => endpoint),
    'two peer relations on the endpoint',
  );
  for (const relation of state.relations) {
    requirePossibleRelation(relation, state.unit, app);
    const rival = state.relations.find(
      ({ endpoint, peer }) => endpoint === relation.endpoint && peer !== relation.peer,
    );
    if (rival) impossible(`the endpoint '${relation.endpoint}' is both peer and not`);
  }
  requireUnique(
    state.secrets.map(({ id }) => id),
    'two secrets with the id',
  );
  for (const secret of state.secrets) requirePossibleSecret(secret);
  for (const name of Object.keys(state.unitStatuses)) {
    if (parseUnitName(name).app !== app) impossible(`${name} is no unit of ${app}`);
  }
  for (const id of Object.keys(state.storages)) {
    if (!/^[a-z][a-z0-9-]*\/[0-9]+$/.test(id)) impossible(`'${id}' is no storage id, such as data/0`);
  }
}

function requirePossibleRelation(relation: RelationState, unit: UnitName, app: string): void {
  const name = `relation ${relation.endpoint}:${relation.id}`;
  if (!Number.isInteger(relation.id) || relation.id < 0) impossible(`${name} has no whole number for an id`);
  if (relation.endpoint === '') impossible(`${name} has no endpoint`);
  if (relation.peer && relation.remoteApp !== app) {
    impossible(`${name} is a peer relation, so its remote application is ${app}, not ${relation.remoteApp}`);
  }
  if (relation.peer && Object.keys(relation.remoteAppData).length > 0) {
    impossible(`${name} is a peer relation: its application's databag is localAppData`);
  }
  const remoteUnits = Object.keys(relation.remoteUnitsData);
  for (const remote of remoteUnits) {
    const { app: remoteApp } = parseUnitName(remote);
    if (remote === unit) impossible(`${name} has this unit itself among the remote units`);
    if (remoteApp !== relation.remoteApp) {
      impossible(`${name} is with ${relation.remoteApp}, of which ${remote} is no unit`);
    }
  }
  for (const member of relation.members ?? []) {
    if (!remoteUnits.includes(member)) impossible(`${name} has a member without a databag: ${member}`);
  }
  requireUnique(relation.members ?? [], `${name} has twice the member`);
  const bags = [
    relation.localAppData,
    relation.localUnitData,
    relation.remoteAppData,
    ...Object.values(relation.remoteUnitsData),
  ];
  for (const [key, value] of bags.flatMap((bag) => Object.entries(bag))) {
    if (typeof value !== 'string') impossible(`${name} holds '${key}', which is no string`);
    if (value === '') impossible(`${name} holds '${key}', which is empty: Juju deletes such a key`);
  }
}

function requirePossibleSecret({ id, owner, revisions, trackedRevision }: SecretState): void {
  if (id.startsWith('secret:') || secretIdOf(id) === undefined) {
    impossible(`'${id}' is no bare secret id, which is 20 characters of a-z and 0-9`);
  }
  if (owner.kind === 'unit') parseUnitName(owner.name);
  if (owner.kind === 'application' && owner.name.includes('/'))
    impossible(`'${owner.name}' is no application`);
  if (revisions.length === 0) impossible(`secret ${id} has no revision`);
  revisions.forEach(({ revision, content }, index) => {
    if (revision <= (revisions[index - 1]?.revision ?? 0)) {
      impossible(`the revisions of secret ${id} do not go up from 1`);
    }
    try {
      checkContent('secret-add', content);
    } catch (cause) {
      throw new TypeError(`secret ${id}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    }
  });
  if (trackedRevision !== undefined && !revisions.some(({ revision }) => revision === trackedRevision)) {
    impossible(`secret ${id} has no revision ${trackedRevision} to track`);
  }
}

function requireUnique(values: readonly (string | number)[], complaint: string): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) impossible(`${complaint} ${twice}`);
}

function impossible(why: string): never {
  throw new TypeError(`Juju cannot produce this: ${why}`);
}
