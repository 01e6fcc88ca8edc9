/** Is type-checked, never run: were the package's types lost, all would be `any`, and these lines right. */
import { serveDatasource } from 'crosslink/grafana-plugin';
import { hookTools } from 'crosslink/juju';
import { runHook, state } from 'crosslink/juju/testing';
import { LocalModel } from 'crosslink/juju-local';
import * as z from 'zod';

// @ts-expect-error Juju knows no such status.
await hookTools().statusSet('actve', 'hello');

// @ts-expect-error A charm is a function of hook tools and context.
await runHook('charm', 'start', state());

// @ts-expect-error A model has a name.
await LocalModel.open({});

await serveDatasource({
  id: 'acme-a-datasource',
  // @ts-expect-error There is no such status of health.
  create: () => ({ checkHealth: () => ({ status: 'fine', message: 'fine' }) }),
});

await serveDatasource({
  id: 'acme-a-datasource',
  settings: z.object({ dice: z.number() }),
  // @ts-expect-error The schema makes a number of it.
  create: ({ jsonData: { dice } }) => ({ checkHealth: () => ({ status: 'ok', message: dice.trim() }) }),
});
