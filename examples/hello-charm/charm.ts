import { hookTools, parseHookContext } from 'crosslink/juju';

const context = parseHookContext(process.env);
const juju = hookTools();

// Every hook does the same: look at the world, and make it as it should be.
const { name = 'world' } = await juju.configGet();
const greeting = `hello ${name}`;
if (await juju.isLeader()) {
  for (const relationId of await juju.relationIds('greeting')) {
    await juju.relationSet({ relationId, app: true, data: { greeting } });
  }
}
await juju.jujuLog('INFO', `${context.unit} says ${greeting}`);
await juju.statusSet('active', greeting);
