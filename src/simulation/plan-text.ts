import { type App, applicationsOf, at } from './applications.ts';
import type { Plan, Trouble } from './plan.ts';

/** @returns what a plan is, for people: a line for each thing that is there, and for each that happens */
export function planText(plan: Plan): string[] {
  const apps = applicationsOf(plan);
  const gateways = apps.filter(({ role }) => role === 'gateway');
  const datasources = apps.filter(({ role }) => role === 'datasource');
  const pair =
    (left: readonly App[], right: readonly App[], verb: string) => (pair: readonly [number, number]) => {
      const [one, other] = [at(left, pair[0])?.name, at(right, pair[1])?.name];
      return one === undefined || other === undefined || one === other ? [] : [`${one} ${verb} ${other}`];
    };
  return [
    ...plan.grafanas.map(({ version, foreign }, n) => {
      return `Grafana ${n}: ${version}, with ${foreign} datasources of somebody else's`;
    }),
    ...apps.map((app) => `${app.name}: ${appText(app, plan)}`),
    ...new Set(plan.registrations.flatMap(pair(datasources, gateways, 'registers with'))),
    ...new Set(plan.exchanges.flatMap(pair(datasources, datasources, 'exchanges with'))),
    `${plan.concurrency} hooks at a time, in the order of schedule ${plan.schedule}`,
    ...plan.troubles.map(troubleText),
  ];
}

function appText({ role, plan: app }: App, { grafanas }: Plan): string {
  const units = `${app.units} ${app.units === 1 ? 'unit' : 'units'}`;
  const whose = app.charm === 'crosslink' ? '' : `, of the first generation (${app.charm})`;
  if (role === 'gateway') {
    const grafana =
      app.charm === 'crosslink' ? `Grafana ${app.grafana % grafanas.length}` : 'a Grafana of its own';
    return `gateway of ${grafana}, ${units}${app.correlations ? ', makes correlations' : ''}${whose}`;
  }
  const each = app.perUnit ? ', each a datasource' : '';
  const secret = app.secret ? ', shares a secret' : '';
  const prefers = app.prefers === null ? '' : `, prefers applications with ${app.prefers}`;
  return `${app.type}, ${units}${each}${secret}${prefers}${whose}`;
}

function troubleText({ after, kind, ...rest }: Trouble): string {
  const details = Object.entries(rest).map(([key, value]) => `${key} ${value}`);
  return `after ${after} steps: ${[kind, ...details].join(', ')}`;
}
