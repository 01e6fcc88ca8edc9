import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { parse } from 'yaml';
import type { Report } from '#src/doctor';
import { type DatasourceSeed, EmbeddedGrafana, type EmbeddedGrafanaOptions } from '#src/grafana/embedded';
import { projectFolder, UsageError } from '#src/local';
import {
  type Console,
  doctorGrafana,
  type GrafanaOptions,
  type Looked,
} from '../../src/cli/doctor-grafana.ts';
import { certificate, serverTls } from '../certificates/index.ts';
import { crosslink, type Finished } from './command.ts';

let folder: string;
let grafana: EmbeddedGrafana;
setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosslink-doctor-grafana-'));
});
teardown(async () => {
  await grafana?.stop();
  await rm(folder, { recursive: true, force: true });
});

const prometheus: DatasourceSeed = {
  uid: 'prom',
  name: 'Prometheus',
  type: 'prometheus',
  url: 'http://prometheus:9090',
  jsonData: {
    httpMethod: 'POST',
    apiToken: 'hunter2',
    exemplarTraceIdDestinations: [{ name: 'trace_id', datasourceUid: 'tempo' }],
  },
};
const loki: DatasourceSeed = {
  uid: 'P8E80F9AEF21F6940',
  name: 'Loki',
  type: 'loki',
  url: 'http://me:hunter2@loki:3100',
  readOnly: true,
  basicAuth: true,
  basicAuthUser: 'reader',
  jsonData: { maxLines: '1000' },
  secureJsonData: { basicAuthPassword: 'hunter2' },
};
const tempo: DatasourceSeed = {
  uid: 'tempo',
  name: 'Tempo',
  type: 'tempo',
  url: 'http://tempo:3200',
  jsonData: {
    serviceMap: { datasourceUid: 'Prometheus' },
    tracesToLogsV2: {
      datasourceUid: 'loki-of-old',
      tags: [{ key: 'service.name', value: 'service' }],
      password: 'hunter2',
    },
    tracesToMetrics: { datasourceUid: 'prom' },
  },
  secureJsonData: { httpHeaderValue1: 'hunter2' },
};

/** @returns the options that have the doctor look at a Grafana with these */
async function started(
  seed: readonly DatasourceSeed[] = [prometheus, loki, tempo],
  options: EmbeddedGrafanaOptions = {},
): Promise<string[]> {
  grafana = await EmbeddedGrafana.start({ ...options, seed });
  await writeFile(join(folder, 'token'), `${grafana.token}\n`);
  return ['doctor', '--grafana', grafana.url, '--token-file', join(folder, 'token')];
}

function refused({ code, stdout, stderr }: Finished, message: RegExp): void {
  assert.equal(code, 2, stderr);
  assert.match(stderr, message);
  assert.match(stderr, /^crosslink: [^\n]*\n$/, 'one line');
  assert.equal(stdout, '');
}

/** As wide as a terminal, but for what is to be copied and single long names. */
function narrow(text: string): void {
  const [people = ''] = text.split(/^apiVersion: 1$/m);
  for (const line of people.split('\n')) {
    assert.ok(line.length <= 80 || /^ *\S+( +\S+)?$/.test(line), `wider than a terminal: ${line}`);
  }
}

suite('crosslink doctor --grafana', () => {
  test('shows datasources, links and what is wrong, and ends with 1', async () => {
    const { code, stdout, stderr } = await crosslink(...(await started()));
    assert.equal(code, 1, stderr);
    assert.equal(stderr, '');
    assert.match(
      stdout,
      /^Grafana 12\.1\.0 at http:\/\/127\.0\.0\.1:\d+, organisation Main Org\.: 3 datasources\n/,
    );
    assert.match(stdout, / {2}P8E80F9AEF21F6940 +loki +Loki \(read-only\)\n/);
    assert.match(stdout, / Tempo +service-map +Prometheus\n/);
    assert.match(stdout, / Tempo +traces-to-logs +loki-of-old \(no such datasource\)\n/);
    assert.match(stdout, /in datasource Tempo, jsonData\.serviceMap\.datasourceUid\n/);
    assert.match(stdout, /\n3 findings: 4 of 6 links in 1 Grafana\n$/);
    assert.doesNotMatch(stdout, /hunter2/);
    assert.ok(!stdout.includes('\u001b'), 'no colour outside of a terminal');
    narrow(stdout);
    assert.deepEqual(grafana.writes, []);
  });

  test('prints the same report as for Juju with --json', async () => {
    const { code, stdout } = await crosslink(...(await started()), '--json');
    assert.equal(code, 1);
    const report = JSON.parse(stdout) as Report;
    assert.deepEqual(Object.keys(report), ['healthy', 'models', 'grafanas', 'links', 'findings', 'notes']);
    assert.deepEqual(
      report.findings.map(({ code, where }) => [code, where.datasource]),
      [
        ['uid-dangling', 'tempo'],
        ['name-as-uid', 'tempo'],
        ['could-be-linked', 'P8E80F9AEF21F6940'],
      ],
    );
  });

  test('ends with 0 where all is well, with a token that may only look', async () => {
    const options = await started([
      prometheus,
      {
        ...tempo,
        jsonData: { serviceMap: { datasourceUid: 'prom' }, tracesToMetrics: { datasourceUid: 'prom' } },
      },
    ]);
    await writeFile(join(folder, 'token'), grafana.addToken({ role: 'Viewer' }));
    const { code, stdout, stderr } = await crosslink(...options);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\nHealthy: 3 of 5 links in 1 Grafana\n$/);
  });

  test('trusts the certificates of --ca', async () => {
    const options = await started([], { tls: serverTls('loopback') });
    await writeFile(join(folder, 'ca.pem'), certificate('ca'));
    refused(await crosslink(...options), /give --ca the certificate of the CA that signed Grafana's/);
    const { code, stderr } = await crosslink(...options, '--ca', join(folder, 'ca.pem'));
    assert.equal(code, 0, stderr);
  });

  test('saves what it read without secrets, and explains it elsewhere the same', async () => {
    const file = join(folder, 'for-a-bug.json');
    const here = await crosslink(...(await started()), '--save', file, '--json');
    await grafana.stop();
    const there = await crosslink('doctor', '--saved', file, '--json');
    assert.equal(there.stdout, here.stdout);
    assert.equal(there.code, 1);
    assert.doesNotMatch(await readFile(file, 'utf8'), /hunter2|glsa_/);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  test('refuses to write where nobody can be asked, after it has shown what', async () => {
    const { code, stdout, stderr } = await crosslink(...(await started()), '--fix');
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^crosslink: there is no terminal to ask on, so nothing was written; add --yes to write this change\n$/,
    );
    assert.match(stdout, /^\+ {4}"datasourceUid": "prom"$/m);
    assert.deepEqual(grafana.writes, []);
  });

  test('writes with --yes what it shows, looks again, and gives the file for what is read-only', async () => {
    const { code, stdout, stderr } = await crosslink(...(await started()), '--fix', '--yes');
    assert.equal(stderr, '');
    assert.equal(code, 1, 'what is read-only is not mended');
    assert.match(stdout, /^Tempo: written$/m);
    assert.match(stdout, /\n1 finding: 4 of 6 links in 1 Grafana\n$/);
    assert.doesNotMatch(stdout, /hunter2/);
    narrow(stdout.replace(/^apiVersion: 1\n.*?\n\n/ms, ''));
    assert.deepEqual(
      grafana.writes.map(({ method, path }) => `${method} ${path}`),
      ['PUT /api/datasources/uid/tempo'],
    );
    const held = grafana.datasources().find(({ uid }) => uid === 'tempo');
    assert.deepEqual(held?.jsonData, {
      serviceMap: { datasourceUid: 'prom' },
      tracesToLogsV2: {
        datasourceUid: 'P8E80F9AEF21F6940',
        password: 'hunter2',
        tags: [{ key: 'service.name', value: 'service' }],
      },
      tracesToMetrics: { datasourceUid: 'prom' },
    });
    assert.deepEqual(grafana.secureJsonData('tempo'), tempo.secureJsonData);
    const [, yaml = ''] = /^(apiVersion: 1\n.*?)\n\n/ms.exec(stdout) ?? [];
    assert.match(yaml, /^ +# +basicAuthPassword: \.\.\.$/m);
    assert.match(yaml, /url: "\$\$\{__value\.raw\}"/);
    const [entry] = (parse(yaml) as { datasources: { name: string; jsonData: Record<string, unknown> }[] })
      .datasources;
    assert.equal(entry?.name, 'Loki');
    assert.deepEqual(Object.keys(entry?.jsonData ?? {}), ['maxLines', 'derivedFields']);
  });

  test('with --json keeps standard output to the report on what is there at the end', async () => {
    const { stdout, stderr } = await crosslink(...(await started()), '--fix', '--yes', '--json');
    assert.deepEqual(
      (JSON.parse(stdout) as Report).findings.map(({ code }) => code),
      ['could-be-linked'],
    );
    assert.match(stderr, /^Tempo: written$/m);
  });

  test('links to what --prefer names, where several would do', async () => {
    const options = await started([
      { ...tempo, jsonData: {} },
      ...['a', 'b'].map((uid) => ({ ...prometheus, uid, name: uid, jsonData: {} })),
    ]);
    const { code, stdout } = await crosslink(...options, '--fix', '--yes', '--prefer', 'b');
    assert.equal(code, 0, stdout);
    const held = grafana.datasources().find(({ uid }) => uid === 'tempo');
    assert.match(JSON.stringify(held?.jsonData), /"serviceMap":\{"datasourceUid":"b"\}/);
    refused(
      await crosslink(...options, '--prefer', 'nobody'),
      /--prefer nobody: there is no datasource with this UID/,
    );
  });
});

suite('docs/doctor.md', () => {
  test('shows what crosslink doctor --grafana really prints', async () => {
    const page = await readFile(join(projectFolder, 'docs/doctor.md'), 'utf8');
    const [, shown] =
      /^\$ \.\/crosslink doctor --grafana \S+ --token-file token\n(.*?)^```$/ms.exec(page) ?? [];
    const options = await started([
      { ...prometheus, uid: 'prometheus', jsonData: { httpMethod: 'POST', timeInterval: '15s' } },
      loki,
      {
        ...tempo,
        jsonData: { ...tempo.jsonData, tracesToMetrics: null, tracesToLogsV2: { datasourceUid: 'loki-old' } },
      },
    ]);
    const { stdout } = await crosslink(...options);
    assert.equal(stdout.replace(grafana.url, 'http://127.0.0.1:3000'), shown);
  });
});

suite('crosslink doctor --grafana refuses', () => {
  const url = 'http://127.0.0.1:1';
  const calls: [args: string[], message: RegExp][] = [
    [['--grafana', url], /--grafana needs --token-file FILE/],
    [['--grafana', url, '--juju'], /say where to look/],
    [['--juju', '--fix'], /--fix goes with --grafana URL/],
    [['--juju', '--token-file', 'x'], /--token-file goes with --grafana URL/],
    [['--saved', 'x', '--prefer', 'y'], /--prefer goes with --grafana URL/],
    [['--grafana', url, '--token-file', 'x', '--yes'], /--yes goes with --fix/],
    [['--grafana', url, '--token-file', '/nonexistent'], /--token-file \/nonexistent: can't be read: ENOENT/],
    [['--grafana', url, '--token-file', '/dev/null'], /--token-file \/dev\/null: is empty/],
    [['--grafana', url, '--token-file', import.meta.filename, '--model', 'x'], /--model goes with --juju/],
  ];
  for (const [args, message] of calls) {
    test(`crosslink doctor ${args.map((arg) => arg.split('/').at(-1)).join(' ')}`, async () => {
      refused(await crosslink('doctor', ...args), message);
    });
  }

  test('a Grafana that is not there', async () => {
    const options = await started();
    await grafana.stop();
    refused(await crosslink(...options), /start Grafana or correct --grafana: ECONNREFUSED/);
  });

  test('a token that Grafana refuses, without showing it', async () => {
    const options = await started();
    await writeFile(join(folder, 'token'), 'glsa_not-the-right-token');
    const finished = await crosslink(...options);
    refused(finished, /401.*put a valid token into the file of --token-file/);
    assert.doesNotMatch(finished.stderr, /not-the-right-token/);
  });

  test('a URL with a password in it, without showing that', async () => {
    const [doctor = '', option = '', , ...rest] = await started();
    const finished = await crosslink(doctor, option, 'http://me:hunter2@127.0.0.1/', ...rest);
    refused(finished, /take user and password out of --grafana and use a token/);
    assert.doesNotMatch(finished.stderr, /hunter2/);
  });

  test('certificates that are none', async () => {
    const options = await started();
    refused(
      await crosslink(...options, '--ca', join(folder, 'token')),
      /--ca .*: holds no certificate in PEM/,
    );
  });
});

suite('--fix on a terminal', () => {
  interface Session extends Looked {
    readonly text: string;
    readonly questions: readonly string[];
  }

  async function session(answer: boolean, options: Partial<GrafanaOptions> = {}): Promise<Session> {
    const tokenFile = join(folder, 'token');
    const shown: string[] = [];
    const questions: string[] = [];
    const console: Console = {
      color: true,
      report: async () => {},
      show: async (text) => void shown.push(text),
      ask: async (question) => {
        questions.push(question);
        return answer;
      },
    };
    const common = { url: grafana.url, tokenFile, caFile: undefined, prefer: [], fix: true, yes: false };
    const looked = await doctorGrafana({ ...common, ...options }, console);
    return { ...looked, text: shown.join(''), questions };
  }

  test('asks once, and writes nothing on no', async () => {
    await started();
    const { questions, text, told, report } = await session(false);
    assert.deepEqual(questions, ['Write this change? [y/N] ']);
    assert.match(text, /Nothing was written\.\n$/);
    assert.deepEqual(grafana.writes, []);
    assert.deepEqual([told, report.findings.length], [true, 3]);
  });

  test('writes on yes, and tells of the state after', async () => {
    await started();
    const { text, told, report } = await session(true);
    assert.match(text, /Tempo: written\n/);
    assert.deepEqual([told, report.findings.length], [false, 1]);
  });

  test('shows the difference in colour, no wider than the terminal', async () => {
    const query = `{ $$__tags } |= "${'Z'.repeat(200)}"`;
    await started([loki, { ...tempo, jsonData: { tracesToLogsV2: { datasourceUid: loki.uid, query } } }]);
    const { text } = await session(false);
    assert.ok(text.includes('\u001b[31m-') && text.includes('\u001b[32m+'));
    narrow(stripVTControlCharacters(text));
    assert.equal(stripVTControlCharacters(text).match(/Z/g)?.length, 400, 'nothing is cut off');
  });

  test('asks nothing where only a file could be changed', async () => {
    await started([loki, { ...tempo, jsonData: { tracesToLogsV2: { datasourceUid: loki.uid } } }]);
    const { questions, text } = await session(true);
    assert.deepEqual(questions, []);
    assert.match(text, /There is nothing to write\.\n$/);
  });

  test('says so when somebody else was faster', async () => {
    await started();
    grafana.misbehave({ match: { method: 'PUT' }, times: 1, before: () => grafana.bumpVersion('tempo') });
    const { text, report } = await session(true);
    assert.match(
      text.replaceAll('\n', ' '),
      /Tempo: NOT written: somebody has changed it since it was looked at; run it again/,
    );
    assert.equal(report.findings.length, 3);
  });

  test('needs somebody to ask', async () => {
    await started();
    const console: Console = { color: false, report: async () => {}, show: async () => {}, ask: undefined };
    const common = { url: grafana.url, tokenFile: join(folder, 'token'), caFile: undefined, prefer: [] };
    await assert.rejects(doctorGrafana({ ...common, fix: true, yes: false }, console), UsageError);
  });
});
