import { join } from 'node:path';
import { argv } from 'node:process';
import { LocalModel } from 'crosslink/juju-local';

const charm = join(import.meta.dirname, '../../examples/hello-charm');

/** Deploys the charm hello, configures it, and @returns what `juju status` would show of its unit. */
export async function helloModel(): Promise<string | undefined> {
  await using model = await LocalModel.open({ name: 'try' });
  await model.deploy({ app: 'hello', charm });
  await model.settle();
  model.setConfig('hello', { name: 'Juju' });
  const { settled, failedHooks } = await model.settle();
  if (!settled) throw new Error(`did not settle: ${JSON.stringify(failedHooks)}`);
  return model.snapshot().applications.hello?.units['hello/0']?.status.message;
}

if (argv[1] === import.meta.filename) console.log(await helloModel());
