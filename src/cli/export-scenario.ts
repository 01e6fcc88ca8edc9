import { provisioned } from '#src/doctor/grafana';
import { Datasource } from '#src/grafana';
import { loadScenario, type RunningScenario, runScenario } from '#src/local';
import { type Choice, chosen, type ExportedAll } from './export-file.ts';
import { Interruption } from './interruption.ts';
import { Progress } from './progress.ts';

/**
 * Runs a scenario to its end.
 * @returns what each of its Grafanas holds then
 * @throws {Interrupted} somebody did not want to wait
 * @throws {UsageError} there is no such scenario, it can't be run, or it is not clear which Grafana is wanted
 */
export async function exportScenario(
  nameOrFile: string,
  timeoutMs: number,
  choice: Choice,
): Promise<ExportedAll> {
  const loaded = await loadScenario(nameOrFile);
  const of = `scenario ${loaded.scenario.name}`;
  // A run takes its time: what is to be said about the choice is said before.
  chosen(of, Object.keys(loaded.scenario.grafanas), choice);
  // Only somebody who waits for it wants to know how far it is.
  const progress = process.stderr.isTTY ? new Progress(process.stderr, loaded.scenario.name) : undefined;
  using interrupted = new Interruption(() => progress?.end());
  let running: RunningScenario;
  try {
    running = await runScenario(loaded, {
      timeoutMs,
      signal: interrupted.signal,
      onActivity: (activity) => progress?.activity(activity),
      onPhase: (phase) => progress?.phase(phase),
    });
  } finally {
    progress?.end();
  }
  try {
    const { grafanas, differences } = running.result;
    return {
      of,
      grafanas: grafanas.map(({ name, datasources }) => {
        return { name, datasources: datasources.map((one) => provisioned(Datasource.parse(one))) };
      }),
      differences,
    };
  } finally {
    await running.close();
  }
}
