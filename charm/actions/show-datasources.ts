import { correlationInventory, inventory, ownInventory, type View } from '#src/exchange';
import { observe } from '../observe.ts';
import type { World } from '../world.ts';
import type { Format } from './format.ts';
import { type Listing, listingText } from './listing-text.ts';
import { setResults } from './results.ts';

/**
 * The action `show-datasources`: for a gateway every datasource of its Grafana and whose it is, for a datasource what
 * it is in each Grafana; where a gateway makes correlations, these too. Sets `datasources` to these, as JSON or as
 * text, and `total` to how many there are. Fails where a gateway's Grafana can't be asked, with what is to be done; the
 * rest is shown then.
 */
export async function showDatasourcesAction(world: World, format: Format): Promise<void> {
  const { view } = await observe(world);
  const { gateway } = view;
  const items = inventory(view);
  const listing: Listing = {
    gateway:
      gateway === null || items === null
        ? null
        : {
            grafanaUid: gateway.grafanaUid,
            baseUrl: gateway.baseUrl,
            datasources: items,
            correlations: correlationInventory(view),
          },
    own: ownInventory(view),
  };
  await setResults(world.tools, format, {
    total: String((items ?? []).length + listing.own.filter(({ uid }) => uid !== null).length),
    datasources: format === 'json' ? JSON.stringify(listing) : listingText(listing),
  });
  const obstacle = items === null ? whyNotAsked(view) : null;
  if (obstacle !== null) await world.tools.actionFail(obstacle);
}

/** @returns what to do so that Grafana can be asked; null for an application that is the gateway of none */
function whyNotAsked({ self, gateway, configProblems }: View): string | null {
  const grafana = gateway?.work?.grafana;
  if (grafana?.state === 'failed') return grafana.remedy;
  if (configProblems.length > 0) return configProblems.join('; ');
  if (gateway === null) return null;
  return `only the leader asks Grafana: juju run ${self.app}/leader show-datasources`;
}
