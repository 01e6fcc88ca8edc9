import type { SimulatedCharm } from './charms.ts';
import { differences, endingOf } from './ending.ts';
import { unexpectedIn } from './expected.ts';
import type { Plan } from './plan.ts';
import { Troubles } from './troubles.ts';
import type { Trace } from './truth.ts';
import { World } from './world.ts';

/** How large a world is. */
interface Size {
  readonly units: number;
  readonly relations: number;
  /** Over all relations: units of one side, and its application, by those of the other. Juju has hooks for each. */
  readonly pairs: number;
}

/** How one world came out. */
export interface Outcome {
  /** What is wrong, a line each; empty when all is well. */
  readonly problems: readonly string[];
  readonly hooks: number;
  /** What it took until nobody had anything to do for the first time; undefined where that never was. */
  readonly toRest: (Size & { readonly hooks: number }) | undefined;
  /** What went wrong on purpose, by kind. */
  readonly troubles: ReadonlyMap<string, number>;
}

/** In times of trouble one in this many steps lets time pass though somebody could go on: Grafana is slow. */
const haste = 40;
/** Steps of the event loop without anything to do, before nobody is believed to come any more. */
const patience = 200;

/**
 * How often anybody needs to say something else on a relation until all is at rest, besides once for each unit that is
 * there: units come one by one. Juju runs a hook in each unit that hears it, so hooks grow no faster than what units
 * are to each other.
 */
const mostWords = 4;

/** Lives through one plan from its beginning to its end, and looks at all that has to hold. */
export async function simulate(plan: Plan, charm: SimulatedCharm, trace: Trace = () => {}): Promise<Outcome> {
  const world = await World.open(plan, charm, trace);
  const troubles = new Troubles(world);
  const problems: string[] = [];
  let toRest: Outcome['toRest'];
  try {
    toRest = await live(world, troubles, plan, problems);
  } finally {
    world.gates.openAll();
    await world.model.close();
  }
  return {
    problems: [...world.safety.problems, ...problems],
    hooks: world.tally.hooks,
    toRest,
    troubles: world.truth.troubles,
  };
}

async function live(
  world: World,
  troubles: Troubles,
  plan: Plan,
  problems: string[],
): Promise<Outcome['toRest']> {
  await runThrough(world, problems, { troubles, queue: [...plan.troubles] });
  if (hasFailed(world, problems)) return undefined;
  const toRest = { ...sizeOf(world), hooks: world.tally.hooks };
  await end(world, troubles, problems);
  return toRest;
}

function hasFailed(world: World, problems: readonly string[]): boolean {
  return problems.length > 0 || world.safety.problems.length > 0;
}

/** Trouble ends: everything comes to rest, stays there, and is as it has to be. */
async function end(world: World, troubles: Troubles, problems: string[]): Promise<void> {
  world.truth.trace('TROUBLE ENDS');
  troubles.end();
  const before = world.tally.hooks;
  world.tally.saidBy.clear();
  await runThrough(world, problems, { limit: mostHooks(world) });
  if (hasFailed(world, problems)) return;
  const enough = mostWords + sizeOf(world).units;
  for (const [who, times] of world.tally.saidBy) {
    if (times > enough)
      problems.push(`relation ${who} says ${times} times something else before it is at rest`);
  }
  world.truth.trace(`AT REST after ${world.tally.hooks - before} hooks`);
  await staysQuiet(world, problems);
  problems.push(...unexpectedIn(world));
  if (hasFailed(world, problems)) return;
  const fresh = world.withoutHistory();
  const ofFresh: string[] = [];
  try {
    fresh.model.fireUpdateStatus();
    await runThrough(fresh, ofFresh, { limit: mostHooks(fresh) });
    problems.push(...[...ofFresh, ...fresh.safety.problems].map((text) => `without its history: ${text}`));
    if (problems.length === 0 && !world.truth.remembers)
      problems.push(...differences(endingOf(world), endingOf(fresh)));
  } finally {
    await fresh.model.close();
  }
}

/** Another look at everything writes nothing, in databags, statuses and Grafana. */
async function staysQuiet(world: World, problems: string[]): Promise<void> {
  if (world.truth.isContested) {
    // Nobody tells one of two gateways that the other has let go of a datasource: it sees so at its next look.
    world.model.fireUpdateStatus();
    await runThrough(world, problems, { limit: mostHooks(world) });
  }
  const { databagChanges, statusChanges } = world.tally;
  const { writes } = world.safety;
  const rows = world.truth.grafanas.map(({ instance }) => instance.rows());
  world.model.fireUpdateStatus();
  await runThrough(world, problems, { limit: 1000 });
  if (world.tally.databagChanges > databagChanges) problems.push('at rest, and yet a databag changes');
  // Of two gateways that quarrel about a datasource each tells what the other had at its own last look.
  const mayTell = world.truth.isContested;
  if (!mayTell && world.tally.statusChanges > statusChanges)
    problems.push('at rest, and yet a status changes');
  if (!mayTell && world.safety.writes > writes)
    problems.push('at rest, and yet somebody writes what is there already');
  const isSame = world.truth.grafanas.every(({ instance }, n) => instance.rows() === rows[n]);
  if (!isSame) problems.push('at rest, and yet something is written to Grafana');
}

/**
 * Lets everybody go on, one step after the other in an order that follows from the plan, until nobody has anything
 * left to do.
 */
async function runThrough(
  world: World,
  problems: string[],
  {
    troubles,
    queue = [],
    limit = Number.POSITIVE_INFINITY,
  }: { troubles?: Troubles; queue?: Plan['troubles'][number][]; limit?: number },
): Promise<void> {
  const end = world.tally.hooks + limit;
  let sinceTrouble = 0;
  let hooksBefore = world.tally.hooks;
  let idle = 0;
  for (;;) {
    await new Promise(setImmediate);
    if (world.safety.problems.length > 0) return;
    if (world.tally.hooks > end) {
      problems.push(`not at rest after ${limit} hooks`);
      return;
    }
    const hooks = world.tally.hooks - hooksBefore;
    // In trouble as well nobody goes on for ever about nothing new.
    if (hooks > 1000 && hooks > 3 * mostHooks(world)) {
      problems.push(`not at rest after ${hooks} hooks without anything new`);
      return;
    }
    const [next] = queue;
    const { count } = world.gates;
    if (next && troubles && (sinceTrouble >= next.after || (count === 0 && world.tally.busyUnits === 0))) {
      queue.shift();
      sinceTrouble = 0;
      hooksBefore = world.tally.hooks;
      await troubles.carryOut(next);
      continue;
    }
    sinceTrouble += 1;
    const isHasty = troubles !== undefined && Math.floor(world.random() * haste) === 0;
    if (count > 0 && !isHasty) {
      const { who, at } = world.gates.open(Math.floor(world.random() * count));
      world.truth.trace(`${who} goes on from ${at}`);
      idle = 0;
    } else if (count === 0 && world.tally.busyUnits === 0) {
      idle += 1;
      if (idle > 2) return;
    } else if (world.clock.advance()) idle = 0;
    else if (count === 0) {
      idle += 1;
      if (idle < patience) continue;
      problems.push(`${world.tally.busyUnits} units have something to do, and nobody does it`);
      return;
    }
  }
}

/** Grows linearly with what there is: units, and what they are to each other. */
function mostHooks(world: World): number {
  const { units, pairs } = sizeOf(world);
  return 50 + 10 * units + 20 * pairs;
}

function sizeOf(world: World): Size {
  const { applications, relations } = world.model.snapshot();
  const units = Object.values(applications).reduce((sum, app) => sum + Object.keys(app.units).length, 0);
  const pairs = relations.reduce((sum, { ends }) => {
    const [one = 0, other = one] = ends.map(({ unitsData }) => Object.keys(unitsData).length);
    return sum + (one + 1) * (other + 1);
  }, 0);
  return { units, relations: relations.length, pairs };
}
