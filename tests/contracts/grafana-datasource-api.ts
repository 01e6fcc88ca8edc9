import assert from 'node:assert/strict';
import { isAtLeast, parseGrafanaVersion } from '#src/grafana';
import { access } from './grafana-datasource-api/access.ts';
import { created } from './grafana-datasource-api/create.ts';
import { deleted } from './grafana-datasource-api/delete.ts';
import { others } from './grafana-datasource-api/others.ts';
import { read } from './grafana-datasource-api/read.ts';
import type { Row } from './grafana-datasource-api/row.ts';
import { byUid, isJson, list, locked, ours } from './grafana-datasource-api/row.ts';
import { updated } from './grafana-datasource-api/update.ts';

/** A Grafana to test. One that is not embedded runs only the rows that any Grafana can. */
export interface OpenGrafana {
  /** Base URL without a slash at its end. */
  url: string;
  /** Token of a service account with the role Admin. */
  token: string;
  version: string;
  /** What only an embedded Grafana offers. */
  embedded?: {
    viewerToken: string;
    /** Seed a read-only datasource. */
    seedReadOnly(command: { name: string; uid: string }): void;
    /** Stop it. */
    close(): Promise<void>;
  };
}

const groups: Record<string, readonly Row[]> = {
  creating: created,
  reading: read,
  updating: updated,
  deleting: deleted,
  access,
  others,
};

/**
 * What a datasource API has to do to pass for Grafana's, as tests. They clean up after themselves and assume no
 * empty organisation.
 * @see grafana/grafana: pkg/api/datasources.go, pkg/tests/api/datasources
 */
export function grafanaDatasourceApiContract(name: string, open: () => Promise<OpenGrafana>): void {
  suite(`datasource API contract: ${name}`, () => {
    let grafana: OpenGrafana;

    suiteSetup(async () => {
      grafana = await open();
      grafana.embedded?.seedReadOnly(locked);
    });
    suiteTeardown(async () => grafana.embedded?.close());
    teardown(async () => {
      const { json } = await ask(grafana, { method: 'GET', path: list });
      for (const { uid, readOnly } of ours(json)) {
        if (readOnly !== true) await ask(grafana, { method: 'DELETE', path: byUid(String(uid)) });
      }
    });

    for (const [group, rows] of Object.entries(groups)) {
      suite(group, () => {
        for (const row of rows) {
          test(row.title, async function () {
            if (!applies(row, grafana)) return this.skip();
            await runRow(grafana, row);
          });
        }
      });
    }
  });
}

function applies(row: Row, { version, embedded }: OpenGrafana): boolean {
  const parsed = parseGrafanaVersion(version);
  assert.ok(parsed, `'${version}' is no version`);
  if (row.embeddedOnly !== undefined && embedded === undefined) return false;
  if (row.from !== undefined && !isAtLeast(parsed, row.from)) return false;
  return row.until === undefined || !isAtLeast(parsed, row.until);
}

async function runRow(grafana: OpenGrafana, row: Row): Promise<void> {
  const steps = [...(row.given ?? []).map((body) => ['POST', list, body] as const), ...(row.steps ?? [])];
  for (const [method, path, body] of steps) {
    const made = await ask(grafana, { method, path, body });
    assert.equal(made.status, 200, `${method} ${path}: ${made.text}`);
  }
  const { status, json, text } = await ask(grafana, row);
  assert.equal(status, row.status, text);
  if (typeof row.message === 'string') assert.equal(json.message, row.message);
  if (row.message instanceof RegExp) assert.match(String(json.message), row.message);
  row.check?.(json);
  if (row.afterwards !== undefined) {
    const then = await ask(grafana, { method: 'GET', path: row.afterwards.path });
    assert.equal(then.status, row.afterwards.status ?? 200, then.text);
    row.afterwards.check?.(then.json);
  }
}

type Ask = Pick<Row, 'method' | 'path' | 'as' | 'body' | 'contentType'>;

async function ask({ url, token, embedded }: OpenGrafana, { method, path, as, body, contentType }: Ask) {
  const headers: Record<string, string> = {};
  const tokens = {
    admin: token,
    viewer: embedded?.viewerToken,
    nobody: undefined,
    stranger: 'glsa_no_token',
  };
  const bearer = tokens[as ?? 'admin'];
  if (bearer !== undefined) headers.authorization = `Bearer ${bearer}`;
  if (body !== undefined && contentType !== null) headers['content-type'] = contentType ?? 'application/json';
  const init: RequestInit = { method, headers, redirect: 'manual' };
  if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url + path, init);
  const text = await response.text();
  const json: unknown = JSON.parse(text === '' ? '{}' : text);
  // A list reads as an object, too: its items under their indices.
  assert.ok(isJson(json), text);
  return { status: response.status, text, json };
}
