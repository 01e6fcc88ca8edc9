import type { DeployedRelation, RelationEnd } from '../deployment.ts';
import type { JujuStatus } from './status.ts';

/** A model and what it offers to others. */
export interface NamedStatus {
  readonly name: string;
  readonly status: JujuStatus;
}

/**
 * Joins the two halves of each relation across models that were both looked at. Each model shows what the *other*
 * side wrote: together they show both. What can't be told with certainty stays two halves.
 */
export function joinAcrossModels(
  models: readonly NamedStatus[],
  relations: readonly DeployedRelation[],
): DeployedRelation[] {
  const halves = relations.filter(({ ends }) => ends.some(({ model }) => model === null));
  const joined = new Map<DeployedRelation, DeployedRelation | null>();
  for (const consuming of halves) {
    const [own, remote] = endsOf(consuming);
    const offered = offeredBy(models, consuming.model, remote.app);
    if (offered === undefined) continue;
    const fitting = halves.filter((half) => {
      const [theirs, us] = endsOf(half);
      return (
        half.model === offered.model &&
        half.interface === consuming.interface &&
        theirs.app === offered.app &&
        theirs.endpoint === remote.endpoint &&
        (us.endpoint === own.endpoint || us.endpoint === '') &&
        us.app.startsWith('remote-') &&
        sameUnits(us, own) &&
        !joined.has(half)
      );
    });
    const [offering, ...others] = mostAlike(fitting, consuming);
    if (offering === undefined || others.length > 0) continue;
    joined.set(offering, whole(offering, consuming));
    joined.set(consuming, null);
  }
  return relations.flatMap((relation) => {
    const result = joined.get(relation);
    return result === null ? [] : [result ?? relation];
  });
}

/** The end that is in the model that the relation was read from, and the one beyond it. */
function endsOf({ ends: [a, b] }: DeployedRelation): [own: RelationEnd, remote: RelationEnd] {
  return a.model === null ? [b, a] : [a, b];
}

/** Which application of which model stands behind a name that a model has consumed. */
function offeredBy(
  models: readonly NamedStatus[],
  consumer: string,
  alias: string,
): { readonly model: string; readonly app: string } | undefined {
  const consuming = models.find(({ name }) => name === consumer)?.status;
  const url = consuming?.['application-endpoints']?.[alias]?.url ?? '';
  // [controller:]owner/model.offer
  const [, modelName, offer] = /^(?:[^:]+:)?(?:[^/]+\/)?([^/.]+)\.([^/]+)$/.exec(url) ?? [];
  if (modelName === undefined || offer === undefined) return undefined;
  const offering = models.filter(({ status }) => status.model.name === modelName);
  const [only, ...others] = offering;
  if (only === undefined || others.length > 0) return undefined;
  // An offer has its application's name unless it was given another.
  return { model: only.name, app: only.status.offers?.[offer]?.application ?? offer };
}

/** Across models a unit keeps its number. */
function sameUnits(seen: RelationEnd, own: RelationEnd): boolean {
  const numbers = new Set(own.units.map(({ number }) => number));
  return seen.units.every(({ number }) => numbers.has(number));
}

/** Of several, those that name the very application: a datasource tells its own name in what it registers. */
function mostAlike(halves: readonly DeployedRelation[], consuming: DeployedRelation): DeployedRelation[] {
  if (halves.length < 2) return [...halves];
  const [own] = endsOf(consuming);
  return halves.filter((half) => {
    const said = endsOf(half)[1].appData?.grafana_source_data ?? '';
    return said.includes(JSON.stringify(own.app));
  });
}

function whole(offering: DeployedRelation, consuming: DeployedRelation): DeployedRelation {
  const [theirs, us] = endsOf(offering);
  const [own, remote] = endsOf(consuming);
  return {
    ...offering,
    ends: [
      { ...theirs, appData: remote.appData, units: merged(theirs, remote) },
      { ...own, appData: us.appData, units: merged(own, us) },
    ],
  };
}

/** Units under their own names; what the other side sees of them that they themselves did not show. */
function merged(own: RelationEnd, seen: RelationEnd): RelationEnd['units'] {
  const numbers = new Set(own.units.map(({ number }) => number));
  const others = seen.units
    .filter(({ number }) => !numbers.has(number))
    .map((unit) => ({ ...unit, name: `${own.app}/${unit.number}` }));
  return [...own.units, ...others].toSorted((a, b) => a.number - b.number);
}
