import { writeFile } from 'node:fs/promises';
import { deploymentOf, diagnose, type ModelInput, type Report, readSavedFile, savedText } from '#src/doctor';
import { UsageError } from '#src/local';
import type { Console, GrafanaOptions } from './doctor-grafana.ts';
import { doctorText, wantsColor } from './doctor-text.ts';
import { modelOptions, modelsReader, waysGiven } from './model-options.ts';
import { print } from './output.ts';
import { parseOptions } from './parse-options.ts';

export const doctorHelp = `Usage: crosslink doctor --juju [--model MODEL]... [OPTIONS]
       crosslink doctor --status FILE --show-unit FILE [OPTIONS]
       crosslink doctor --grafana URL --token-file FILE [--fix] [OPTIONS]
       crosslink doctor --saved FILE [OPTIONS]

Looks at a deployment, whichever charms it runs, or at a Grafana by itself:
which datasource is linked to which in which Grafana, why not where not, and
what is wrong. It changes nothing, unless --fix says so. Ends with 0 if all is
well, with 1 if something is wrong, and with 2 if it could not look.

Options:
  --juju             ask the juju client, which has to be logged in
  --model MODEL      a model to look at, as juju -m takes it; may be repeated;
                     the current one when left out
  --status FILE      what juju status --format json printed, or yaml
  --show-unit FILE   what juju show-unit printed for its units, json or yaml;
                     may be repeated
  --grafana URL      look at this Grafana, whoever set it up
  --token-file FILE  a token for it, of a service account with role Viewer;
                     with role Admin for --fix
  --ca FILE          certificates in PEM that Grafana's may be signed by, too
  --fix              change links in Grafana: shows what it would write, and
                     asks
  --yes              write without asking
  --prefer UID       where several datasources would do, link to this one; may
                     be repeated
  --saved FILE       what --save wrote, here or elsewhere
  --save FILE        write what was read, with secrets taken out, to a file
                     that can be attached to a bug
  --html FILE        write the report as a page for a browser, with the graph
                     drawn; it needs no network
  --json             print one JSON object, and nothing else, on stdout
  --timeout SECONDS  how long one call of the juju client may take (60)
`;

/** What was looked at: a report on it, and text that a file can keep of it. */
interface Looked {
  readonly report: Report;
  readonly saved: () => string;
  /** Nobody need be told again, unless it is in JSON. */
  readonly told: boolean;
}

interface DoctorOptions {
  readonly look: () => Promise<Looked>;
  readonly save: string | undefined;
  readonly html: string | undefined;
  readonly json: boolean;
}

/** @returns the exit code: 0 healthy, 1 findings */
export async function doctor(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    await print(doctorHelp);
    return 0;
  }
  const { look, save, html, json } = readOptions(args);
  const { report, saved, told } = await look();
  if (save !== undefined) await saveTo(save, saved());
  if (html !== undefined) await writePage(html, report);
  if (json) await print(`${JSON.stringify(report, null, 2)}\n`);
  else if (!told) await print(textOf(report));
  return report.healthy ? 0 : 1;
}

function textOf(report: Report): string {
  return doctorText(report, { color: wantsColor(process.stdout, process.env) });
}

async function lookAtModels(read: () => Promise<readonly ModelInput[]>): Promise<Looked> {
  const inputs = await read();
  return { report: diagnose(deploymentOf(inputs)), saved: () => savedText(inputs), told: false };
}

async function lookAtGrafana(options: GrafanaOptions, json: boolean): Promise<Looked> {
  const { doctorGrafana } = await import('./doctor-grafana.ts');
  const { savedGrafanaText } = await import('#src/doctor/grafana');
  const { report, live, told } = await doctorGrafana(options, consoleOf(json));
  return { report, saved: () => savedGrafanaText(live), told };
}

async function lookAtSaved(file: string): Promise<Looked> {
  const saved = await readSavedFile(file);
  if ('models' in saved) return lookAtModels(async () => saved.models);
  const { diagnoseGrafana, savedGrafanaText } = await import('#src/doctor/grafana');
  const { grafana } = saved;
  return { report: diagnoseGrafana(grafana), saved: () => savedGrafanaText(grafana), told: false };
}

/** With --json standard output is for that alone. */
function consoleOf(json: boolean): Console {
  const out = json ? process.stderr : process.stdout;
  const show = json ? async (text: string) => void process.stderr.write(text) : print;
  return {
    color: wantsColor(out, process.env),
    report: async (report) => (json ? undefined : print(`${textOf(report)}\n`)),
    show,
    ask: process.stdin.isTTY && out.isTTY ? (question) => askOn(out, question) : undefined,
  };
}

async function askOn(output: NodeJS.WriteStream, question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: process.stdin, output });
  const answer = await new Promise<string>((resolve) => {
    // Ctrl-C and Ctrl-D are no answer, and no answer is no. Nobody has ended the line then.
    lines.once('close', () => resolve('\n'));
    lines.question(question, resolve);
  });
  lines.close();
  if (answer === '\n') output.write(answer);
  return /^\s*y(es)?\s*$/i.test(answer);
}

async function saveTo(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--save ${file}: can't be written: ${why}`, { cause: error });
  }
}

/** There is no secret in a report, so whoever may read the folder may read the page. */
async function writePage(file: string, report: Report): Promise<void> {
  const { htmlPage } = await import('#src/doctor/html');
  try {
    await writeFile(file, htmlPage(report));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--html ${file}: can't be written: ${why}`, { cause: error });
  }
}

const none: string[] = [];
const options = {
  ...modelOptions,
  grafana: { type: 'string' },
  'token-file': { type: 'string' },
  ca: { type: 'string' },
  fix: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  prefer: { type: 'string', multiple: true, default: none },
  save: { type: 'string' },
  html: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

type DoctorValues = ReturnType<typeof parseOptions<typeof options>>['values'];

function readOptions(args: readonly string[]): DoctorOptions {
  const { values, positionals } = parseOptions('doctor', args, options);
  const [extra] = positionals;
  if (extra !== undefined) throw wrong(`crosslink doctor takes no '${extra}'`);
  const { grafana, saved, save, html, json } = values;
  const ways = [...waysGiven(values), grafana !== undefined];
  if (ways.filter(Boolean).length !== 1) {
    throw wrong('say where to look: --juju, or --status with --show-unit, or --grafana, or --saved');
  }
  const readModels = modelsReader(values, wrong);
  if (values.timeout !== undefined && !values.juju) throw wrong('--timeout goes with --juju');
  const live = grafanaOptions(grafana, values);
  const common = { save, html, json };
  if (live !== undefined) return { ...common, look: () => lookAtGrafana(live, json) };
  if (saved !== undefined) return { ...common, look: () => lookAtSaved(saved) };
  if (readModels === undefined) throw new TypeError('one of the ways was given'); // as counted above
  return { ...common, look: () => lookAtModels(readModels) };
}

function grafanaOptions(
  url: string | undefined,
  { 'token-file': tokenFile, ca: caFile, fix, yes, prefer }: DoctorValues,
): GrafanaOptions | undefined {
  if (url === undefined) {
    const given = {
      '--token-file': tokenFile,
      '--ca': caFile,
      '--fix': fix,
      '--yes': yes,
      '--prefer': prefer[0],
    };
    const [stray] = Object.entries(given).find(([, value]) => value !== undefined && value !== false) ?? [];
    if (stray !== undefined) throw wrong(`${stray} goes with --grafana URL`);
    return undefined;
  }
  if (tokenFile === undefined) throw wrong('--grafana needs --token-file FILE');
  if (yes && !fix) throw wrong('--yes goes with --fix');
  return { url, tokenFile, caFile, prefer, fix, yes };
}

function wrong(what: string): UsageError {
  return new UsageError(`${what}; crosslink help doctor shows the options`);
}
