import type { LocalModel } from '#lib/juju-local';
import type { LoadedScenario } from '#src/local';

/** What an operator does in a run besides the scenario's steps. Both tell whether the model settled. */

/** What a datasource is given, and what it is changed to. */
export const passwords = ['first-pa55word-of-the-run', 'second-pa55word-of-the-run'] as const;

/** Gives the first datasource a password, then another one. */
export async function givePasswords(
  loaded: LoadedScenario,
  model: LocalModel,
  timeoutMs: number,
): Promise<boolean> {
  const content = (password: string) => ({ 'secure-json-data': JSON.stringify({ password }) });
  const app = firstDatasource(loaded);
  const secret = model.addSecret({ name: 'password', content: content(passwords[0]), grantTo: [app] });
  model.setConfig(app, { 'secure-json-data': secret });
  const first = await model.settle({ timeoutMs });
  model.updateSecret('password', content(passwords[1]));
  const second = await model.settle({ timeoutMs });
  return first.settled && second.settled;
}

/** Changes what the first datasource wants in Grafana: each gateway of it has to write there. */
export async function changeJsonData(
  loaded: LoadedScenario,
  model: LocalModel,
  timeoutMs: number,
): Promise<boolean> {
  model.setConfig(firstDatasource(loaded), { 'json-data': '{"httpMethod": "POST"}' });
  return (await model.settle({ timeoutMs })).settled;
}

function firstDatasource({ scenario }: LoadedScenario): string {
  for (const [app, { config }] of Object.entries(scenario.applications)) {
    if (config['datasource-type'] !== undefined) return app;
  }
  throw new Error(`${scenario.name} has no datasource`);
}
