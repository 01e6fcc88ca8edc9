import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import {
  deploymentOf,
  diagnose,
  limitBytes,
  type ModelInput,
  readJujuFiles,
  readLive,
  readSavedFile,
  savedText,
} from '#src/doctor';
import { UsageError } from '#src/local';
import { doctorText, wantsColor } from './doctor-text.ts';
import { print } from './output.ts';

export const doctorHelp = `Usage: crosslink doctor --juju [--model MODEL]... [OPTIONS]
       crosslink doctor --status FILE --show-unit FILE [OPTIONS]
       crosslink doctor --saved FILE [OPTIONS]

Looks at a deployment, whichever charms it runs: which datasource is linked to
which in which Grafana, why not where not, and what is wrong in the databags.
It changes nothing. Ends with 0 if all is well, with 1 if something is wrong,
and with 2 if it could not look.

Options:
  --juju             ask the juju client, which has to be logged in
  --model MODEL      a model to look at, as juju -m takes it; may be repeated;
                     the current one when left out
  --status FILE      what juju status --format json printed, or yaml
  --show-unit FILE   what juju show-unit printed for its units, json or yaml;
                     may be repeated
  --saved FILE       what --save wrote, here or elsewhere
  --save FILE        write what was read, with secrets taken out, to a file
                     that can be attached to a bug
  --json             print one JSON object, and nothing else, on stdout
  --timeout SECONDS  how long one call of the juju client may take (60)
`;

interface DoctorOptions {
  readonly read: () => Promise<readonly ModelInput[]>;
  readonly save: string | undefined;
  readonly json: boolean;
}

/** @returns the exit code: 0 healthy, 1 findings */
export async function doctor(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    await print(doctorHelp);
    return 0;
  }
  const { read, save, json } = readOptions(args);
  const inputs = await read();
  if (save !== undefined) await saveTo(save, inputs);
  const report = diagnose(deploymentOf(inputs));
  await print(
    json
      ? `${JSON.stringify(report, null, 2)}\n`
      : doctorText(report, { color: wantsColor(process.stdout, process.env) }),
  );
  return report.healthy ? 0 : 1;
}

async function saveTo(file: string, inputs: readonly ModelInput[]): Promise<void> {
  try {
    await writeFile(file, savedText(inputs), { mode: 0o600 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--save ${file}: can't be written: ${why}`, { cause: error });
  }
}

function readOptions(args: readonly string[]): DoctorOptions {
  const { values, positionals } = parse(args);
  const [extra] = positionals;
  if (extra !== undefined) throw wrong(`crosslink doctor takes no '${extra}'`);
  const { juju, model, status, saved, save, json, 'show-unit': showUnit } = values;
  const timeoutMs = seconds(values.timeout) * 1000;
  const ways = [juju, status.length > 0 || showUnit.length > 0, saved !== undefined];
  if (ways.filter(Boolean).length !== 1) {
    throw wrong('say where to look: --juju, or --status with --show-unit, or --saved');
  }
  if (model.length > 0 && !juju) throw wrong('--model goes with --juju');
  if (values.timeout !== undefined && !juju) throw wrong('--timeout goes with --juju');
  const common = { save, json };
  if (saved !== undefined) return { ...common, read: () => readSavedFile(saved) };
  if (juju) return { ...common, read: () => readLive(model, { timeoutMs, limitBytes }) };
  if (status.length === 0) throw wrong('--show-unit needs --status FILE of the same model');
  if (showUnit.length === 0) throw wrong('--status needs --show-unit FILE of the same model');
  return { ...common, read: () => readJujuFiles({ status, showUnit }) };
}

function seconds(text = '60'): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UsageError(`--timeout takes a whole number of seconds, at least 1, not '${text}'`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        juju: { type: 'boolean', default: false },
        model: { type: 'string', multiple: true, default: [] },
        status: { type: 'string', multiple: true, default: [] },
        'show-unit': { type: 'string', multiple: true, default: [] },
        saved: { type: 'string' },
        save: { type: 'string' },
        json: { type: 'boolean', default: false },
        timeout: { type: 'string' },
      },
    });
  } catch (error) {
    // Node's own first sentence says which option; its further advice is about parseArgs.
    throw wrong(error instanceof Error ? (error.message.split(/\.\s/)[0] ?? '') : String(error));
  }
}

function wrong(what: string): UsageError {
  return new UsageError(`${what}; crosslink help doctor shows the options`);
}
