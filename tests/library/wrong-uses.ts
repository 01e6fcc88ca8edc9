/** Is type-checked, never run: were the package's types lost, all would be `any`, and these lines right. */
import { hookTools } from 'crosslink/juju';
import { runHook, state } from 'crosslink/juju/testing';
import { LocalModel } from 'crosslink/juju-local';

// @ts-expect-error Juju knows no such status.
await hookTools().statusSet('actve', 'hello');

// @ts-expect-error A charm is a function of hook tools and context.
await runHook('charm', 'start', state());

// @ts-expect-error A model has a name.
await LocalModel.open({});
