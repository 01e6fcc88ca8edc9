import { grafanaClient } from '#src/grafana';
import { type LoadedScenario, type RunningScenario, type RunOptions, runScenario } from '#src/local';
import { run } from '../../charm/main.ts';

/**
 * Runs a scenario with crosslink's own hooks called as functions: the same charm, model and rules without a process
 * for each hook, so that a whole conversation takes a fraction of a second.
 */
export function converse(loaded: LoadedScenario, options: RunOptions = {}): Promise<RunningScenario> {
  return runScenario(loaded, {
    ...options,
    charm: (tools, context) => run({ tools, context, grafanaClient }),
  });
}

/** What has to be the same however a scenario came about: no ids, ports, versions or counts. */
export function ending({ result, model }: RunningScenario): unknown {
  const urls = result.grafanas.map(({ url, name }) => [url, name] as const);
  const neutral = (text: string) =>
    urls.reduce((done, [url, name]) => done.replaceAll(url, `<${name}>`), text);
  const data = {
    links: result.links,
    differences: result.differences,
    applications: result.applications.map(({ name, units }) => ({
      name,
      // Which relation a finding came from is told by its id, which depends on the order.
      units: units.map((unit) => ({ ...unit, message: unit.message.replace(/relation \d+/g, 'relation N') })),
    })),
    grafanas: result.grafanas.map(({ name, grafanaUid, datasources }) => ({
      name,
      grafanaUid,
      datasources: datasources.map(({ uid, name, type, url, jsonData }) => ({
        uid,
        name,
        type,
        url,
        jsonData,
      })),
    })),
    databags: model
      .snapshot()
      .relations.map(({ ends }) =>
        ends
          .map(({ app, endpoint, appData, unitsData }) => ({ end: `${app}:${endpoint}`, appData, unitsData }))
          .toSorted((a, b) => (a.end < b.end ? -1 : 1)),
      )
      .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  };
  // Secrets have a new id each time, and what fingerprints are made with is drawn by lot.
  const text = neutral(JSON.stringify(data)).replace(/relation \d+/g, 'relation N');
  return JSON.parse(text.replace(/("(?:fingerprint-key|secureFingerprint)":)"[0-9a-f]{32}"/g, '$1"any"'));
}
