import type { FindingCode } from '../codes.ts';
import type { DeployedRelation, RelationEnd } from '../deployment.ts';
import type { ReportFinding, Where } from '../report.ts';

/** Says that something is wrong in what `end` wrote on a relation. */
export function wrong(
  code: FindingCode,
  at: { readonly relation: DeployedRelation; readonly end: RelationEnd; key?: string; path?: string },
  message: string,
  remedy: string,
): ReportFinding {
  const { relation, end, key, path } = at;
  return { code, where: whereOn(relation, end, key, path), message, remedy };
}

export function whereOn(relation: DeployedRelation, end: RelationEnd, key?: string, path?: string): Where {
  return {
    model: end.model ?? relation.model,
    app: end.app,
    relation: { id: relation.id, ends: relation.ends.map((one) => endName(one, relation)) },
    datasource: null,
    key: key ?? null,
    path: path === undefined || path === '' ? null : path,
  };
}

function endName({ model, app, endpoint }: RelationEnd, relation: DeployedRelation): string {
  const name = app === '' ? 'an application' : endpoint === '' ? app : `${app}:${endpoint}`;
  // Of another model that was looked at, it goes by its own name, which need not be unique here.
  return model === null || model === relation.model ? name : `${model}/${name}`;
}

/** Other people's words in a sentence: of a length that leaves the sentence readable. */
export function quoted(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, ' ');
  return line.length > longest ? `${line.slice(0, longest)}...` : line;
}

const longest = 100;

/** @returns `tempo/0, tempo/1 and 3 more` */
export function list(names: readonly string[]): string {
  const shown = names.slice(0, 3).map(quoted);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
