import { argv, env } from 'node:process';
import { type HookContext, type HookTools, hookTools, parseHookContext } from 'crosslink/juju';

/** A whole charm: it greets, and blocks until somebody has said whom. */
export async function charm(tools: HookTools, { unit, event }: HookContext): Promise<void> {
  const { whom } = await tools.configGet();
  await tools.jujuLog('INFO', `${unit} runs ${event.kind}`);
  if (typeof whom === 'string') await tools.statusSet('active', `hello, ${whom}`);
  else await tools.statusSet('blocked', 'say whom to greet: juju config <app> whom=...');
}

// Juju runs this file, by the charm's `dispatch`; a test imports it.
if (argv[1] === import.meta.filename) await charm(hookTools(), parseHookContext(env));
