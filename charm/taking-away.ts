import type { GoalState, HookEvent, UnitName } from '#lib/juju';
import type { Intent, SourceRelation, View } from '#src/exchange';
import { ownMarker } from '#src/grafana/provisioner';
import type { World } from './world.ts';

/**
 * What is carried out of what was decided. A hook sees only what Juju lists for its unit, and that is less than there
 * is while a unit leaves or others come: what was decided would take something away that only this unit sees gone. So
 * before anything is taken away Juju is asked once more, for what the model is to be.
 * @returns null for nothing at all: this unit leaves, and the next leader goes on
 */
export async function ownPartOf(world: World, view: View, intent: Intent): Promise<Intent | null> {
  if (!takesAway(view, intent)) return intent;
  const goal = await world.tools.goalState();
  const { event, unit } = world.context;
  if (statusIn(goal.units, unit) === 'dying') {
    const isWill = event.kind === 'relation-broken' && event.endpoint === 'datasources';
    return isWill ? lastWill(view, intent, event.remoteApp) : null;
  }
  const awaited = new Set(
    (view.sources ?? [])
      .filter((source) => areOthersToJoin(source, goal, event))
      .map(({ remoteApp }) => remoteApp),
  );
  const provision = intent.provision.filter((step) => {
    return step.kind !== 'delete' || !awaited.has(applicationOf(view, step.uid) ?? '');
  });
  return { ...intent, provision };
}

/**
 * Of a unit that leaves. By then Juju lists the first of its relations no more, and their hooks come between others.
 * Only of a relation that goes as a whole is it known that it does: its broken hook is where it is cleaned up after.
 */
function lastWill(view: View, { provision }: Intent, application: string): Intent {
  return {
    provision: provision.filter(
      (step) => step.kind === 'delete' && applicationOf(view, step.uid) === application,
    ),
    correlations: [],
    secret: null,
    databags: [],
    status: null,
  };
}

/**
 * Whether units of a related application have yet to join, as this unit sees it: a datasource that seems to be nobody's
 * may be theirs, from when the relation was there before. Once they have joined it is known; and at update-status,
 * which Juju runs only when no other hook is due, whoever has not joined is not about to. Of applications of other
 * models, and of those that have said nothing yet, Juju does not tell enough.
 */
function areOthersToJoin(
  { relationId, remoteApp, reading }: SourceRelation,
  { relations }: GoalState,
  event: HookEvent,
): boolean {
  if (reading.state !== 'valid' || event.kind === 'update-status') return false;
  const members: ReadonlySet<string> = new Set(reading.source.members);
  // The model may still have it.
  const departing =
    event.kind === 'relation-departed' && event.relationId === relationId ? event.remoteUnit : null;
  return Object.entries(relations.datasources ?? {}).some(([name, { status }]) => {
    const isToJoin = name.startsWith(`${remoteApp}/`) && !members.has(name) && name !== departing;
    return isToJoin && status !== 'dying';
  });
}

function statusIn(units: GoalState['units'], unit: UnitName): string | undefined {
  return Object.hasOwn(units, unit) ? units[unit]?.status : undefined;
}

/** @returns for which application this gateway made a datasource in Grafana */
function applicationOf({ gateway }: View, uid: string): string | undefined {
  const grafana = gateway?.work?.grafana;
  if (grafana?.state !== 'ok') return undefined;
  const held = grafana.datasources.find((datasource) => datasource.uid === uid);
  return held && ownMarker(held, gateway?.marker ?? '')?.application;
}

/** Deletes a datasource or a secret, or says something else for the application than what it has said. */
function takesAway(
  { grafanas, exchange, sources }: View,
  { provision, correlations, secret, databags }: Intent,
): boolean {
  const said = new Map(
    [...grafanas, ...exchange, ...(sources ?? [])].map(({ relationId, localAppData }) => [
      relationId,
      localAppData ?? {},
    ]),
  );
  return (
    provision.some(({ kind }) => kind === 'delete') ||
    correlations.some(({ step }) => step === 'delete') ||
    secret?.step === 'remove' ||
    databags.some(
      ({ relationId, bag, changes }) =>
        bag === 'app' && Object.keys(changes).some((key) => Object.hasOwn(said.get(relationId) ?? {}, key)),
    )
  );
}
