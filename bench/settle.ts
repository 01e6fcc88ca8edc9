/**
 * How many hooks it takes until everything has settled, as models grow: by applications, by units of one application,
 * and by units of two that exchange. Beside it how many hooks Juju runs if the charm says nothing at all: it tells each
 * unit of each one on the other side, so these grow with the square of an application's units. Simulated, so that the
 * counts are exact, and the same on any machine.
 *
 *   npm run bench:settle
 */
import { projectFolder } from '#src/local';
import { judge, loadCharm, type Plan } from '#src/simulation';

const charm = await loadCharm(projectFolder);
/** Says nothing, so that there are only the hooks that Juju runs for whom it tells of whom. */
const silent = { ...charm, run: async () => {} };
const widths = [5, 7, 11, 7, 8, 23, 14];
const datasource = { charm: 'crosslink', letter: 'a', perUnit: true, secret: false, prefers: null } as const;

function plan(types: readonly ('tempo' | 'loki')[], units: number): Plan {
  return {
    schedule: 1,
    concurrency: 4,
    quarrels: false,
    grafanas: [{ version: '12.1.0', foreign: 0 }],
    gateways: [{ charm: 'crosslink', letter: 'g', grafana: 0, units: 1, correlations: false }],
    datasources: types.map((type) => ({ ...datasource, type, units })),
    registrations: types.map((_, n) => [n, 0]),
    exchanges: types.flatMap((type, n): [number, number][] => (type === 'tempo' ? [] : [[n, 0]])),
    troubles: [],
  };
}

/** One Tempo, and so many Lokis that it exchanges with. */
const star = (lokis: number) => ['tempo', ...Array<'loki'>(lokis).fill('loki')] as const;

const families: [what: string, sizes: readonly number[], of: (size: number) => Plan][] = [
  ['applications of one unit around one Tempo', [2, 4, 8, 16, 32, 64], (n) => plan(star(n - 1), 1)],
  ['units of one application', [2, 4, 8, 16, 32, 64], (n) => plan(['tempo'], n)],
  ['units of a Tempo, and as many of a Loki', [2, 4, 8, 16, 32], (n) => plan(star(1), n)],
];

for (const [what, sizes, of] of families) {
  console.log(`${what}:`);
  console.log('    n  units  relations  hooks  silent  per unit and relation  times silent');
  for (const size of sizes) {
    const { problems, toRest } = await judge(of(size), charm);
    if (toRest === undefined || problems.length > 0) throw new Error(problems.join('\n'));
    // What it has not done is wrong there, and nothing to look at here.
    const own = (await judge(of(size), silent)).toRest?.hooks ?? Number.NaN;
    const { hooks, units, relations } = toRest;
    const ratios = [hooks / (units + relations), hooks / own].map((ratio) => ratio.toFixed(1));
    const cells = [size, units, relations, hooks, own, ...ratios];
    console.log(cells.map((cell, n) => String(cell).padStart(widths[n] ?? 0)).join(''));
  }
}
