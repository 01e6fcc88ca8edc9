import { decide, type View } from '#src/exchange';
import { traced } from '#src/tracing';
import { apply } from '../apply.ts';
import { observe } from '../observe.ts';
import { ownPartOf } from '../taking-away.ts';
import type { World } from '../world.ts';
import type { Format } from './format.ts';
import { type Report, reportOf } from './report.ts';
import { reportText } from './report-text.ts';
import { setResults } from './results.ts';

/**
 * The action `reconcile`: does now what a hook does. Sets `changes` to what it did, as JSON or as text, and `total` to
 * how much that was. Fails with what the operator has to mend where not all could be done; the rest is done then.
 */
export async function reconcileAction(world: World, format: Format): Promise<void> {
  const observed = await observe(world);
  const { view } = observed;
  const decided = await traced('decide', () => decide(view));
  const intent = await ownPartOf(world, view, decided);
  if (intent === null) {
    const { unit } = view.self;
    await world.tools.actionFail(`${unit} is being removed: run reconcile on the unit that leads after it`);
    return;
  }
  const outcome = await apply(intent, observed, world);
  const report = reportOf(view, outcome);
  const { datasources, correlations, databags, status } = report;
  await setResults(world.tools, format, {
    total: String(datasources.length + correlations.length + databags.length + Number(status.changed)),
    changes: format === 'json' ? JSON.stringify(report) : reportText(report),
  });
  const reasons = reasonsForFailure(view, report);
  if (reasons.length > 0) await world.tools.actionFail(reasons.join('; '));
}

function reasonsForFailure({ gateway }: View, { status, failures }: Report): string[] {
  const grafana = gateway?.work?.grafana;
  const all = [
    ...(status.status === 'blocked' ? [status.message] : []),
    ...(grafana?.state === 'failed' ? [grafana.remedy] : []),
    ...failures.map(({ remedy }) => remedy),
  ];
  return [...new Set(all)];
}
