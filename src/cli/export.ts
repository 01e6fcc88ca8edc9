import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelInput } from '#src/doctor';
import { UsageError } from '#src/local';
import { type Choice, chosen, type Exported, type ExportedAll, fileOf } from './export-file.ts';
import type { CredentialFiles } from './grafana-credentials.ts';
import { modelOptions, modelsReader, seconds, waysGiven } from './model-options.ts';
import { print } from './output.ts';
import { parseOptions } from './parse-options.ts';

export const exportHelp = `Usage: crosslink export SCENARIO [--grafana NAME] [OPTIONS]
       crosslink export --juju [--model MODEL]... [--grafana NAME] [OPTIONS]
       crosslink export --status FILE --show-unit FILE [OPTIONS]
       crosslink export --saved FILE [OPTIONS]
       crosslink export --grafana URL --token-file FILE [OPTIONS]

Prints the datasources of a Grafana, with their links, as a file for the
folder provisioning/datasources of another: of a Grafana as it is at the end
of a scenario, as the databags of Juju models say that it is, or as it is
itself. It changes nothing. No secret is printed: comments say which are
missing. Ends with 0; with 1 if the scenario did not end as it expects, which
is printed all the same; and with 2 if there is nothing that it could print.

Options:
  --grafana NAME     of several Grafanas, this one: its name in the scenario,
                     or its application
  --output DIR       write a file for each Grafana into this folder
  --juju             ask the juju client, which has to be logged in
  --model MODEL      a model to look at, as juju -m takes it; may be repeated;
                     the current one when left out
  --status FILE      what juju status --format json printed, or yaml
  --show-unit FILE   what juju show-unit printed for its units, json or yaml;
                     may be repeated
  --saved FILE       what crosslink doctor --juju --save wrote
  --grafana URL      this Grafana, whoever set it up
  --token-file FILE  a token for it, of a service account with role Viewer
  --ca FILE          certificates in PEM that Grafana's may be signed by, too
  --timeout SECONDS  how long the scenario may take to settle, each time (300),
                     or one call of the juju client (60)
`;

interface ExportOptions {
  readonly look: () => Promise<ExportedAll>;
  readonly choice: Choice;
}

/** @returns the exit code: 0, or 1 for a scenario that did not end as it expects */
export async function exportCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    await print(exportHelp);
    return 0;
  }
  const { look, choice } = readOptions(args);
  const { of, grafanas, differences } = await look();
  const names = grafanas.map(({ name }) => name);
  const wanted = chosen(of, names, choice);
  const files = grafanas.filter(({ name }) => wanted.includes(name));
  if (choice.output !== undefined) await writeAll(choice.output, files);
  else for (const one of files) await print(fileOf(one));
  for (const line of differences) process.stderr.write(`not as expected: ${line}\n`);
  return differences.length === 0 ? 0 : 1;
}

/** @throws {UsageError} a file can't be written */
async function writeAll(folder: string, grafanas: readonly Exported[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const one of grafanas) {
      const file = join(folder, `${one.name.replace(/[^A-Za-z0-9._-]/g, '-')}.yaml`);
      await writeFile(file, fileOf(one));
      await print(`${file}\n`);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--output ${folder}: can't be written: ${why}`, { cause: error });
  }
}

const options = {
  ...modelOptions,
  grafana: { type: 'string' },
  output: { type: 'string' },
  'token-file': { type: 'string' },
  ca: { type: 'string' },
} as const;

function readOptions(args: readonly string[]): ExportOptions {
  const { values, positionals } = parseOptions('export', args, options);
  const [scenario, extra] = positionals;
  if (extra !== undefined) throw wrong(`one scenario at a time: what is '${extra}'?`);
  const { grafana, output, saved, timeout, 'token-file': tokenFile, ca: caFile } = values;
  const isLive = tokenFile !== undefined || caFile !== undefined;
  const ways = [...waysGiven(values), scenario !== undefined, isLive];
  if (ways.every((given) => !given)) {
    if (grafana !== undefined && /^https?:/i.test(grafana))
      throw wrong('--grafana URL needs --token-file FILE');
    throw wrong(
      'say of what: SCENARIO, or --juju, or --status with --show-unit, or --saved, or --grafana URL',
    );
  }
  if (ways.filter(Boolean).length > 1)
    throw wrong('one thing at a time: a scenario, or models, or a Grafana');
  const readModels = modelsReader(values, wrong);
  if (timeout !== undefined && !values.juju && scenario === undefined) {
    throw wrong('--timeout goes with SCENARIO or --juju');
  }
  if (isLive) {
    if (grafana === undefined)
      throw wrong(`${tokenFile === undefined ? '--ca' : '--token-file'} goes with --grafana URL`);
    if (tokenFile === undefined) throw wrong('--grafana URL needs --token-file FILE');
    // It has been chosen by its URL.
    const choice = { grafana: undefined, output };
    return { choice, look: () => lookAtGrafana(grafana, { tokenFile, caFile }) };
  }
  const choice = { grafana, output };
  if (readModels !== undefined) return { choice, look: async () => lookAtModels(await readModels()) };
  if (saved !== undefined) return { choice, look: () => lookAtSaved(saved) };
  const timeoutMs = seconds(timeout ?? '300') * 1000;
  return { choice, look: () => lookAtScenario(scenario ?? '', timeoutMs, choice) };
}

async function lookAtScenario(scenario: string, timeoutMs: number, choice: Choice): Promise<ExportedAll> {
  return (await import('./export-scenario.ts')).exportScenario(scenario, timeoutMs, choice);
}

async function lookAtModels(inputs: readonly ModelInput[]): Promise<ExportedAll> {
  const { deploymentOf, handedOut } = await import('#src/doctor');
  const deployment = deploymentOf(inputs);
  const of = deployment.models.map(({ name }) => name).join(', ');
  return { of: of === '' ? 'no model' : `model ${of}`, grafanas: handedOut(deployment), differences: [] };
}

async function lookAtSaved(file: string): Promise<ExportedAll> {
  const { readSavedFile } = await import('#src/doctor');
  const saved = await readSavedFile(file);
  if ('models' in saved) return lookAtModels(saved.models);
  throw new UsageError(
    `--saved ${file}: of a Grafana, this has the links and no URLs; export it by --grafana ${saved.grafana.url} --token-file FILE`,
  );
}

async function lookAtGrafana(url: string, files: CredentialFiles): Promise<ExportedAll> {
  const { connect, inFull, observe, provisioned } = await import('#src/doctor/grafana');
  const { credentials } = await import('./grafana-credentials.ts');
  const client = await connect({ url, ...(await credentials(files)) });
  const live = await observe(client, url);
  const uids = live.datasources.map(({ uid }) => uid);
  const { details } = await inFull(client, live, uids);
  const { host } = new URL(live.url);
  return {
    of: live.url,
    grafanas: [{ name: host, datasources: [...details.values()].map(provisioned) }],
    differences: [],
  };
}

function wrong(what: string): UsageError {
  return new UsageError(`${what}; crosslink help export shows the options`);
}
