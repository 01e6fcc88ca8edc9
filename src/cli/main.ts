import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Interrupted, projectFolder, UsageError } from '#src/local';
import { up, upHelp } from './up.ts';

const help = `Usage: crosslink COMMAND [OPTIONS]

Commands:
  up [SCENARIO]  run a scenario in a local Juju model, and show who is linked
                 to whom in which Grafana, and why not where not
  help [COMMAND] show this, or what a command can do

Options:
  --version      show the version
`;

/** @returns the exit code: 0 all is well, 1 it is not as expected, 2 what was asked for can't be done */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case 'up':
      return up(rest);
    case '--version':
      process.stdout.write(`${version()}\n`);
      return 0;
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(rest[0] === 'up' ? upHelp : help);
      return 0;
    case undefined:
      process.stderr.write(help);
      return 2;
    default:
      throw new UsageError(`no command '${command}'; crosslink help shows what there is`);
  }
}

function version(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'));
  const found = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : '';
  return String(found);
}

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
