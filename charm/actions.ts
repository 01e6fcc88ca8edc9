import * as z from 'zod';
import type { HookTools } from '#lib/juju';
import { explainText, type Link } from '#src/exchange';

const Parameters = z.object({ format: z.enum(['text', 'json']).default('text') });

/** The action `explain`: sets `links` to JSON or to text, and `linked` and `total` to how many there are. */
export async function explainAction(tools: HookTools, links: readonly Link[]): Promise<void> {
  const { format } = Parameters.parse(await tools.actionGet());
  const linked = links.filter(({ to }) => to !== null).length;
  await tools.actionSet({
    linked: String(linked),
    total: String(links.length),
    links: format === 'json' ? JSON.stringify(links) : explainText(links),
  });
}
