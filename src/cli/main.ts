import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Interrupted, projectFolder, UsageError } from '#src/local';
import { allowReadersToLeave, print } from './output.ts';
import { up, upHelp } from './up.ts';

const help = `Usage: crosslink COMMAND [OPTIONS]

Commands:
  up [SCENARIO]  run a scenario in a local Juju model, and show who is linked
                 to whom in which Grafana, and why not where not
  doctor         look at a deployment, whichever charms it runs, or at a Grafana
                 by itself: who is linked to whom, why not where not, and what
                 is wrong
  export         print the datasources of a Grafana as the provisioning file
                 that makes them in another
  pack           make the charm that juju deploy takes
  plugin build   make what Grafana loads of a plugin written in TypeScript
  simulate       let random models live through random trouble, and look at what
                 has to hold
  traces         keep traces on this machine, for Jaeger or a terminal: serve,
                 list, show, backup
  help [COMMAND] show this, or what a command can do

Options:
  --version      show the version
`;

/** @returns the exit code: 0 all is well, 1 it is not as expected, 2 what was asked for can't be done */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === '--config') return (await import('./traces-sidecar.ts')).sidecarCommand(args);
  switch (command) {
    case 'up':
      return up(rest);
    case 'doctor':
      return (await import('./doctor.ts')).doctor(rest);
    case 'export':
      return (await import('./export.ts')).exportCommand(rest);
    case 'pack':
      return (await import('./pack.ts')).packCommand(rest);
    case 'plugin':
      return (await import('./plugin.ts')).pluginCommand(rest);
    case 'simulate':
      return (await import('./simulate.ts')).simulateCommand(rest);
    case 'traces':
      return (await import('./traces.ts')).tracesCommand(rest);
    case '--version':
      await print(`${version()}\n`);
      return 0;
    case 'help':
    case '--help':
    case '-h':
      await print(await helpFor(rest[0]));
      return 0;
    case undefined:
      process.stderr.write(help);
      return 2;
    default:
      throw unknown(command);
  }
}

async function helpFor(command: string | undefined): Promise<string> {
  if (command === undefined) return help;
  if (command === 'up') return upHelp;
  if (command === 'doctor') return (await import('./doctor.ts')).doctorHelp;
  if (command === 'export') return (await import('./export.ts')).exportHelp;
  if (command === 'pack') return (await import('./pack.ts')).packHelp;
  if (command === 'plugin') return (await import('./plugin.ts')).pluginHelp;
  if (command === 'simulate') return (await import('./simulate.ts')).simulateHelp;
  if (command === 'traces') return (await import('./traces.ts')).tracesHelp;
  throw unknown(command);
}

function unknown(command: string): UsageError {
  return new UsageError(`no command '${command}'; crosslink help shows what there is`);
}

function version(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'));
  const found = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : '';
  return String(found);
}

allowReadersToLeave();
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Interrupted) {
    process.exitCode = 130; // what a shell reports for Ctrl-C
  } else if (error instanceof UsageError) {
    process.stderr.write(`crosslink: ${error.message}\n`);
    process.exitCode = 2;
  } else {
    throw error;
  }
}
