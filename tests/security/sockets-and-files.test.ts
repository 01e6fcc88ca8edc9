import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { glob, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Effects, processEffects, serveStandalone } from '#lib/go-plugin';
import { memoryStore, otlpHttp } from '#lib/jaeger-storage';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { projectFolder } from '#src/local';
import { withSecretFiles } from '../../lib/juju/secret-files.ts';
import { startCrosslink } from '../cli/command.ts';
import { cleanUp, openModel, shellCharm, temporaryFolder } from '../lib/juju-local/helpers.ts';

/** The files of a folder and below it, links not followed, with their kinds and modes. */
async function listing(folder: string): Promise<{ path: string; kind: string; mode: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => !entry.isSymbolicLink())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const { mode } = await stat(path);
        const kind = entry.isDirectory()
          ? 'directory'
          : entry.isFIFO()
            ? 'FIFO'
            : entry.isSocket()
              ? 'socket'
              : 'file';
        return { path: path.slice(folder.length + 1), kind, mode: mode & 0o777 };
      }),
  );
}

/** Local addresses that a process listens on over TCP, IPv6 included, in the kernel's hexadecimal. */
async function listeningOf(pid: number): Promise<string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')),
  );
  return tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      return state === '0A' && inodes.has(inode) ? [local.split(':')[0] ?? ''] : [];
    }),
  );
}

/** 127.0.0.1, the lowest byte first. */
const loopback = '0100007F';

suite('security: sockets and files', () => {
  test('all that listens does so where these tests look, and nowhere else', async () => {
    const listens = /\bcreate(Secure)?Server\b|\bcreateSocket\b|\bnew (net\.|http\.|https\.)?Server\(/;
    const found: string[] = [];
    for await (const file of glob('{charm,src,lib,scripts}/**/*.ts', { cwd: projectFolder })) {
      if (listens.test(await readFile(join(projectFolder, file), 'utf8'))) found.push(file);
    }
    assert.deepEqual(found.toSorted(), [
      'lib/go-plugin/grpc-server.ts',
      'lib/jaeger-storage/otlp/otlp-http.ts',
      'lib/juju-local/agent-socket.ts',
      'src/grafana/embedded/server.ts',
    ]);
  });

  test('the embedded Grafana listens on loopback', async () => {
    const grafana = await EmbeddedGrafana.start();
    const addresses = await listeningOf(process.pid);
    const { hostname } = new URL(grafana.url);
    await grafana.stop();
    assert.equal(hostname, '127.0.0.1');
    assert.ok(addresses.includes(loopback));
    assert.deepEqual(
      addresses.filter((address) => address !== loopback),
      [],
    );
  });

  test('a plugin that a debugger has started listens on loopback, also where only a port is given', async () => {
    const effects: Effects = {
      ...processEffects(),
      printError: () => {},
      onSignal: () => () => {},
      onUncaught: () => () => {},
      exit: () => {},
    };
    const plugin = await serveStandalone({ services: [], address: ':0' }, effects);
    const addresses = await listeningOf(process.pid);
    await plugin.stop();
    assert.ok(addresses.includes(loopback));
    assert.deepEqual(
      addresses.filter((address) => address !== loopback),
      [],
    );
  });

  test('a receiver of traces listens on loopback, where nothing else is said', async () => {
    const receiver = await otlpHttp({ traces: memoryStore(), port: 0 });
    const addresses = await listeningOf(process.pid);
    await receiver.close();
    assert.equal(receiver.host, '127.0.0.1');
    assert.ok(addresses.includes(loopback));
    assert.deepEqual(
      addresses.filter((address) => address !== loopback),
      [],
    );
  });

  test('crosslink up listens on loopback only, and its model is for its owner only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crosslink-security-'));
    const data = await mkdtemp(join(tmpdir(), 'crosslink-security-data-'));
    const { child, finished } = startCrosslink(['up', 'cos'], { TMPDIR: folder, XDG_DATA_HOME: data });
    try {
      let stderr = '';
      while (!stderr.includes('Ctrl-C ends it.')) {
        const [text] = child.stderr === null ? [] : await once(child.stderr, 'data');
        stderr += String(text);
      }
      // The command is a script that may have become Node, or have started it.
      const pids = await descendantsOf(child.pid ?? 0);
      const addresses = (await Promise.all(pids.map(listeningOf))).flat();
      // Grafana, and for the traces of hooks one to send them to and one to ask for them.
      assert.deepEqual(addresses, [loopback, loopback, loopback]);
      assert.equal((await stat(join(data, 'crosslink/traces'))).mode & 0o777, 0o700);
      const [model = assert.fail()] = await readdir(folder);
      assert.equal((await stat(join(folder, model))).mode & 0o777, 0o700);
    } finally {
      child.kill('SIGINT');
      await finished;
    }
    assert.deepEqual(await readdir(folder), []);
    await rm(folder, { recursive: true });
    await rm(data, { recursive: true });
  });

  async function descendantsOf(pid: number): Promise<number[]> {
    const path = `/proc/${pid}/task/${pid}/children`;
    const children = (await readFile(path, 'utf8').catch(() => '')).split(' ').filter((text) => text !== '');
    return [pid, ...(await Promise.all(children.map((child) => descendantsOf(Number(child))))).flat()];
  }

  suite('of a local model', () => {
    teardown(cleanUp);

    async function lookInto(directory: string | undefined, agentSocket: 'file' | 'none') {
      const { model, logs } = await openModel({ ...(directory && { directory }), agentSocket });
      const charm = await shellCharm({
        name: 'x',
        // More than goes through a FIFO: it has to lie in files for a moment.
        dispatch: `juju-log "$(printf '%05000d' 1)"; [ "$hook" != install ] || echo "$CHARM_DIR"; ls -lA "$CHARM_DIR/../run"`,
      });
      await model.deploy({ app: 'x', charm });
      assert.ok((await model.settle()).settled);
      const [place = ''] = logs('x/0').filter((line) => line.endsWith('/charm'));
      return { root: join(place, '..', '..'), model };
    }

    for (const agentSocket of ['file', 'none'] as const) {
      for (const given of [false, true]) {
        test(`sockets, FIFOs and files are for their owner only: agent socket ${agentSocket}, ${given ? "the caller's directory" : 'one of its own'}`, async () => {
          const folder = await temporaryFolder();
          const directory = given ? join(folder, 'model') : undefined;
          const { root } = await lookInto(directory, agentSocket);
          assert.equal((await stat(root)).mode & 0o777, 0o700);
          const all = await listing(root);
          assert.equal(all.filter(({ kind }) => kind === 'socket').length, agentSocket === 'file' ? 1 : 0);
          assert.equal(all.filter(({ kind }) => kind === 'FIFO').length, 5);
          for (const { path, kind, mode } of all) {
            if (kind === 'FIFO') assert.equal(mode, 0o600, path);
            // Whoever is to connect has to be allowed to write.
            else if (kind === 'socket') assert.equal(mode & 0o022, 0, path);
            else assert.equal(mode & 0o022, 0, path);
          }
          for (const private_ of ['unit-x-0', 'unit-x-0/run', 'tools']) {
            assert.equal(all.find(({ path }) => path === private_)?.mode, 0o700, private_);
          }
        });
      }
    }
  });

  test('what a secret holds lies in files of its owner only, while Juju reads it and no longer', async () => {
    let folder = '';
    await withSecretFiles({ token: 'one', '../../escaped': 'two' }, async (args) => {
      const paths = args.map((arg) => arg.slice(arg.indexOf('#file=') + '#file='.length));
      for (const path of paths) assert.equal((await stat(path)).mode & 0o777, 0o600);
      folder = join(paths[0] ?? '', '..');
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
      assert.deepEqual((await readdir(folder)).toSorted(), ['0', '1']);
      for (const path of paths) assert.equal(join(path, '..'), folder);
      assert.ok(!args.join(' ').match(/\b(one|two)\b/));
    });
    await assert.rejects(stat(folder), { code: 'ENOENT' });
    // Nor when Juju refuses it.
    await assert.rejects(
      withSecretFiles({ token: 'one' }, async ([arg = '']) => {
        folder = join(arg.slice(arg.indexOf('#file=') + '#file='.length), '..');
        throw new Error('refused');
      }),
      /refused/,
    );
    await assert.rejects(stat(folder), { code: 'ENOENT' });
  });

  test('what crosslink doctor saves is for its owner only, whatever the umask', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crosslink-security-'));
    const grafana = await EmbeddedGrafana.start();
    try {
      await writeFile(join(folder, 'token'), grafana.token);
      const command = 'umask 0; exec "$0" doctor --grafana "$1" --token-file "$2/token" --save "$2/saved"';
      const args = ['-c', command, join(projectFolder, 'crosslink'), grafana.url, folder];
      await promisify(execFile)('sh', args);
      assert.equal((await stat(join(folder, 'saved'))).mode & 0o777, 0o600);
    } finally {
      await grafana.stop();
      await rm(folder, { recursive: true });
    }
  });

  test('no umask opens a model to others', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crosslink-security-'));
    const script = `
      import { LocalModel } from '#lib/juju-local';
      const model = await LocalModel.open({ name: 'm', directory: process.argv[1] });
      await model.deploy({ app: 'x', charm: process.argv[2] });
      await model.settle();
      process.stdout.write('ready');
      setInterval(() => {}, 1000);`;
    const charm = await shellCharm({ name: 'x' });
    const directory = join(folder, 'model');
    const child = spawn(
      'sh',
      [
        '-c',
        'umask 0; exec "$0" --input-type=module -e "$1" "$2" "$3"',
        process.execPath,
        script,
        directory,
        charm,
      ],
      { cwd: projectFolder, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      await once(child.stdout, 'data');
      const all = await listing(directory);
      assert.ok(all.some(({ kind }) => kind === 'socket'));
      // Nobody else gets as far as what is in there.
      assert.equal((await stat(directory)).mode & 0o077, 0);
      for (const { path, mode } of all.filter((one) => /^(unit-x-0|unit-x-0\/run|tools)$/.test(one.path))) {
        assert.equal(mode & 0o077, 0, path);
      }
    } finally {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      await rm(folder, { recursive: true });
      await cleanUp();
    }
  });
});
