import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ownTarget, type Target } from './targets.ts';

/**
 * Makes the part of a single executable that holds the program. The Node that runs this makes it, and it fits only a
 * Node of the same version.
 *
 * For the machine that this runs on it has V8's code cache in it as well, so that the program starts without being
 * compiled first; no other processor could use that. A start-up snapshot would save more, but programs that are
 * modules can't have one.
 * @param program - an ES module in one file
 */
export async function seaBlob(program: Uint8Array, target: Target): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'crosslink-plugin-'));
  try {
    await writeFile(join(folder, 'backend.mjs'), program);
    const config = {
      main: 'backend.mjs',
      mainFormat: 'module',
      output: 'blob',
      disableExperimentalSEAWarning: true,
      useCodeCache: target === ownTarget(),
      execArgv: [
        // Grafana logs what comes to standard error. These two are for whoever writes the code, not for whoever runs it.
        '--disable-warning=ExperimentalWarning',
        '--disable-warning=DeprecationWarning',
        // What the machine trusts, as plugins in Go do: the CA of a company's own servers is not among Node's.
        '--use-system-ca',
      ],
      // NODE_OPTIONS works as ever, for instance to attach a debugger.
      execArgvExtension: 'env',
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    // Names without a folder, and one seed for V8's hashes in its code cache: the same sources give the same bytes.
    const args = ['--random-seed=1', '--experimental-sea-config', 'config.json'];
    await promisify(execFile)(process.execPath, args, { cwd: folder });
    return await readFile(join(folder, 'blob'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
