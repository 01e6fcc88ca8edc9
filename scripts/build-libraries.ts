/**
 * Makes the npm package of the libraries, in dist/: what package.json names under `exports`, and what that imports,
 * as JavaScript with types. Node runs no TypeScript under node_modules, so the sources themselves can't be published.
 * Another library is another line under `exports`.
 */
import { execFile } from 'node:child_process';
import { cp, glob, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

const root = resolve(import.meta.dirname, '..');

/** The most that a dependency asks for (undici), or npm would warn all the same. */
const engines = { node: '>=22.19.0' };

const Specifiers = z.record(z.string(), z.string());
const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  imports: Specifiers,
  exports: Specifiers,
  dependencies: Specifiers,
  peerDependencies: Specifiers,
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean() })),
});
type Manifest = z.infer<typeof Manifest>;

async function build(): Promise<void> {
  const manifest = Manifest.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  await mkdir(join(root, '.cache'), { recursive: true });
  const work = await mkdtemp(join(root, '.cache/build-'));
  try {
    const out = join(work, 'dist');
    await compile(Object.values(manifest.exports), work, out);
    await rewriteDeclarations(out);
    await writeJson(join(out, 'package.json'), await published(manifest, out));
    await cp(join(root, 'LICENSE'), join(out, 'LICENSE'));
    await cp(join(root, 'lib/README.md'), join(out, 'README.md'));
    for (const door of Object.values(manifest.exports)) {
      const readme = join(dirname(door), 'README.md');
      // Not every library has one.
      for await (const file of glob(readme, { cwd: root })) await cp(join(root, file), join(out, file));
    }
    await rm(join(root, 'dist'), { recursive: true, force: true });
    await rename(out, join(root, 'dist'));
    console.log(`dist/: ${manifest.name} ${manifest.version}`);
    for (const name of Object.keys(manifest.exports)) console.log(`  ${join(manifest.name, name)}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Starting at the doors, so that nothing goes in that no library uses. */
async function compile(doors: readonly string[], work: string, out: string): Promise<void> {
  const config = join(work, 'tsconfig.json');
  await writeJson(config, {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      noEmitOnError: true,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: root,
      outDir: out,
      newLine: 'lf',
      types: ['node'],
    },
    include: [],
    files: doors.map((door) => join(root, door)),
  });
  const tsc = join(root, 'node_modules/.bin/tsc');
  await promisify(execFile)(tsc, ['-p', config]).catch((error: unknown) => {
    if (error instanceof Error && 'stdout' in error) throw new Failure(String(error.stdout), error);
    throw error;
  });
}

/** tsc makes `./a.ts` into `./a.js` in JavaScript, but not in declarations, where no file of that name is published. */
async function rewriteDeclarations(out: string): Promise<void> {
  for await (const file of glob('**/*.d.ts', { cwd: out })) {
    const text = await readFile(join(out, file), 'utf8');
    await writeFile(join(out, file), text.replace(/(from |import\()(['"])(\.[^'"]*)\.ts\2/g, '$1$2$3.js$2'));
  }
}

async function published(
  {
    name,
    version,
    license,
    imports,
    exports,
    dependencies,
    peerDependencies,
    peerDependenciesMeta,
  }: Manifest,
  out: string,
): Promise<unknown> {
  return {
    name,
    version,
    description:
      'What Juju charms and Grafana backend plugins in TypeScript need: hook tools, relations, a local model; a plugin SDK.',
    license,
    type: 'module',
    sideEffects: false,
    imports: Object.fromEntries(Object.entries(imports).map(([key, path]) => [key, target(path)])),
    exports: Object.fromEntries(Object.entries(exports).map(([key, path]) => [key, target(path)])),
    files: ['lib', 'src'],
    engines,
    // A range, so that a charm with schemas of its own shares one zod with this.
    dependencies: Object.fromEntries(
      (await packagesUsed(out)).flatMap((used) => {
        if (Object.hasOwn(peerDependencies, used)) return [];
        const pinned = dependencies[used];
        if (pinned === undefined) throw new Failure(`${used} is imported, and not among the dependencies`);
        return [[used, `^${pinned}`]];
      }),
    ),
    // Declarations name Node's types; a charm in plain JavaScript needs none.
    peerDependencies: { ...peerDependencies, '@types/node': '*' },
    peerDependenciesMeta: { ...peerDependenciesMeta, '@types/node': { optional: true } },
  };
}

function target(source: string): { types: string; default: string } {
  return { types: source.replace(/\.ts$/, '.d.ts'), default: source.replace(/\.ts$/, '.js') };
}

/** @returns the npm packages that the built files import, sorted */
async function packagesUsed(out: string): Promise<string[]> {
  const specifier =
    /(?:^(?:import|export) [^'";=]*from |^import |\bimport\()['"]((?:@[\w.-]+\/)?[\w.-]+)['"/]/gm;
  const used = new Set<string>();
  for await (const file of glob('**/*.{js,d.ts}', { cwd: out })) {
    for (const [, name = ''] of (await readFile(join(out, file), 'utf8')).matchAll(specifier)) {
      if (!name.startsWith('.')) used.add(name);
    }
  }
  return [...used].toSorted();
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
}

/** What whoever changed the libraries has to mend; its message says it all. */
class Failure extends Error {
  constructor(message: string, cause?: unknown) {
    super(message.trimEnd(), { cause });
  }
}

await build().catch((error: unknown) => {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
