import type { DatasourcePlan, GatewayPlan, Plan } from './plan.ts';

/** An application, by what it was deployed as. */
export type App =
  | { readonly name: string; readonly role: 'gateway'; readonly plan: GatewayPlan }
  | { readonly name: string; readonly role: 'datasource'; readonly plan: DatasourcePlan };
export type Gateway = Extract<App, { role: 'gateway' }>;
export type Datasource = Extract<App, { role: 'datasource' }>;

/** Same in all worlds, so that the UIDs are. */
export const modelUuid = '33333333-2222-4333-8444-555555555555';
export const modelName = 'sim';

/** @returns the applications of a plan, gateways first; the letters that names begin with decide who sorts first */
export function applicationsOf({ gateways, datasources }: Plan): App[] {
  return [
    ...gateways.map((plan, n): App => ({ name: `${plan.letter}gate${n}`, role: 'gateway', plan })),
    ...datasources.map(
      (plan, n): App => ({ name: `${plan.letter}${plan.type}${n}`, role: 'datasource', plan }),
    ),
  ];
}

/** What a gateway of ours marks its datasources with. @see docs/operating.md */
export function markerOf(gateway: string): string {
  return `juju_${modelName}_${modelUuid}_${gateway}`;
}

/** @returns the one of this number, counted around; undefined of none */
export function at<T>(all: readonly T[], n: number): T | undefined {
  return all[n % Math.max(1, all.length)];
}
