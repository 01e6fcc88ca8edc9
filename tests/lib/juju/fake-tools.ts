import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a fake tool was given. `files` holds the text behind each `key#file=path` argument. */
export interface RecordedCall {
  readonly tool: string;
  readonly args: readonly string[];
  readonly stdin: string;
  readonly files: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
  /** Seconds to sleep first. */
  readonly delay?: number;
}

/** Executables in a folder of their own, which record how they are called and answer as they are told. */
export class FakeTools {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<FakeTools> {
    return new FakeTools(await mkdtemp(join(tmpdir(), 'fake-tools-')));
  }

  get env(): Record<string, string> {
    return { PATH: `${this.folder}:/usr/bin:/bin` };
  }

  async answer(tool: string, { stdout = '', stderr = '', exitCode = 0, delay }: Answer = {}): Promise<void> {
    const path = join(this.folder, tool);
    await writeFile(`${path}.stdout`, stdout);
    await writeFile(`${path}.stderr`, stderr);
    const script = `#!/bin/sh
call=$(mktemp -d "${this.folder}/call-$(date +%s%N)-XXXXXX")
printf '%s' ${tool} >"$call/tool"
for arg in "$@"; do
  printf '%s\\0' "$arg" >>"$call/args"
  case $arg in *'#file='*) cp "\${arg#*#file=}" "$call/file-\${arg%%#*}" ;; esac
done
cat >"$call/stdin"
${delay === undefined ? '' : `sleep ${delay}`}
cat '${path}.stdout'
cat '${path}.stderr' >&2
exit ${exitCode}
`;
    await writeFile(path, script);
    await chmod(path, 0o755);
  }

  /** In the order in which they were made. */
  async calls(): Promise<RecordedCall[]> {
    const folders = (await readdir(this.folder)).filter((name) => name.startsWith('call-')).sort();
    return Promise.all(
      folders.map(async (name) => {
        const call = join(this.folder, name);
        const names = await readdir(call);
        const text = async (file: string) => (names.includes(file) ? readFile(join(call, file), 'utf8') : '');
        const files = names.filter((file) => file.startsWith('file-'));
        return {
          tool: await text('tool'),
          args: (await text('args')).split('\0').slice(0, -1),
          stdin: await text('stdin'),
          files: Object.fromEntries(
            await Promise.all(files.map(async (file) => [file.slice('file-'.length), await text(file)])),
          ),
        };
      }),
    );
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
