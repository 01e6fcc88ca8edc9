import { correlationNotes, correlationsText, explain, explainText, secretNotes } from '#src/exchange';
import { secureJsonDataKey } from '#src/relations/grafana-datasource';
import { printable, wrapped } from '#src/text';
import { observe } from '../observe.ts';
import type { World } from '../world.ts';
import type { Format } from './format.ts';
import { setResults } from './results.ts';

/**
 * The action `explain`: sets `links` to JSON or to text, and `linked` and `total` to how many there are. Where the
 * leader shares a secret with Grafanas, it sets `secure-json-data` to which of them have taken it. Where one of them
 * makes correlations, it sets `correlations` to what is asked for.
 */
export async function explainAction(world: World, format: Format): Promise<void> {
  const { view } = await observe(world);
  const links = explain(view);
  const notes = secretNotes(view);
  const correlations = correlationNotes(view);
  const linked = links.filter(({ to }) => to !== null).length;
  await setResults(world.tools, format, {
    linked: String(linked),
    total: String(links.length),
    links: format === 'json' ? JSON.stringify(links) : explainText(links),
    ...(correlations !== null && {
      correlations: format === 'json' ? JSON.stringify(correlations) : correlationsText(correlations),
    }),
    ...(notes.length > 0 && {
      [secureJsonDataKey]:
        format === 'json'
          ? JSON.stringify(notes)
          : notes.flatMap(({ message }) => wrapped(printable(message), 0)).join('\n'),
    }),
  });
}
