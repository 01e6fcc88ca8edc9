import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { UsageError } from '#src/local';
import { startGrafanas } from '../../../src/local/grafana-under-test.ts';
import { Scenario } from '../../../src/local/scenario.ts';
import { serverTls } from '../../certificates/index.ts';

const scenario = Scenario.parse({ name: 'one', grafanas: { grafana: {} }, applications: {} });

/** Whoever gave `--grafana` has no charm whose config could be mended. */
suite('a real Grafana that can not be used', () => {
  let folder: string;
  let tokenFile: string;
  suiteSetup(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crosslink-real-'));
    tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'glsa_a-token');
  });
  suiteTeardown(() => rm(folder, { recursive: true }));

  /** What the user is told. */
  async function refusal(url: string): Promise<string> {
    let message = '';
    await assert.rejects(startGrafanas(scenario, { url, tokenFile }), (error: unknown) => {
      assert.ok(error instanceof UsageError, String(error));
      message = error.message;
      return true;
    });
    assert.match(message, /^--grafana /);
    assert.doesNotMatch(message, /grafana-(url|token|ca)\b|\bhook|secret|juju|hunter2|glsa_/i);
    return message;
  }

  for (const [url, remedy] of [
    ['nonsense', /; give --grafana an http\(s\) URL$/],
    ['ftp://127.0.0.1', /; give --grafana an http\(s\) URL$/],
    ['me:hunter2@127.0.0.1', /^--grafana URL: .*; give --grafana an http\(s\) URL$/],
    [
      'http://me:hunter2@127.0.0.1',
      /^--grafana http:\/\/127\.0\.0\.1: .*take user and password out of --grafana/,
    ],
    ['http://127.0.0.1/?token=hunter2', /^--grafana http:\/\/127\.0\.0\.1: .*what follows off --grafana$/],
  ] as const) {
    test(`is told by the option that is to be mended: ${url}`, async () => {
      assert.match(await refusal(url), remedy);
    });
  }

  test('is told so where nobody listens', async () => {
    const gone = await EmbeddedGrafana.start();
    await gone.stop();
    assert.match(await refusal(gone.url), /; start Grafana or correct --grafana: ECONNREFUSED$/);
  });

  for (const [what, answer, remedy] of [
    ['refuses the token', { status: 401 }, /; put a valid token into the file of --token-file$/],
    [
      'gives the token too little',
      { status: 403 },
      /; give the Grafana service account of the token the role Admin$/,
    ],
    ['is something else', { answer: { status: 404 } }, /; give --grafana the base URL of a Grafana: /],
    [
      'redirects',
      { answer: { status: 302, headers: { location: '/login' } } },
      /; give --grafana the base URL of a Grafana: /,
    ],
  ] as const) {
    test(`is told so where it ${what}`, async () => {
      const grafana = await EmbeddedGrafana.start();
      try {
        grafana.misbehave({ ...answer });
        assert.match(await refusal(grafana.url), remedy);
      } finally {
        await grafana.stop();
      }
    });
  }

  test('is told so where nobody vouches for its certificate: there is no option for a CA', async () => {
    const grafana = await EmbeddedGrafana.start({ tls: serverTls('loopback') });
    try {
      const remedy =
        /; give --grafana the URL of one whose certificate is signed by a CA that Node knows \(\w+\)$/;
      assert.match(await refusal(grafana.url), remedy);
    } finally {
      await grafana.stop();
    }
  });
});
