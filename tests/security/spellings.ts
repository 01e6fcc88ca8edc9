import assert from 'node:assert/strict';
import type { SecretContent } from '#lib/juju';
import type { GrafanaAuth } from '#src/grafana';
import { generateToken } from '#src/grafana/embedded';
import { type Asked, HostileServer } from './servers.ts';

export const token = generateToken();
export const user = 'crosslink';
// With characters that each way of writing it changes.
export const password = 'Kq&9<Xv>"7ü/Zr+Pm 4W\\Ht';
export const held = "Sv%3k'Qw&Tz=8Jx{Bn}5Gd";

/** How servers, proxies and languages write what they got. */
export const spellings: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'in JSON': (text) => JSON.stringify(text),
  'in JSON within JSON': (text) => JSON.stringify(JSON.stringify(text)),
  'in JSON as Go writes it': (text) =>
    JSON.stringify(text).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
  'in JSON as Python writes it': (text) =>
    JSON.stringify(text).replace(
      /[\u007f-\uffff]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  'in a URL': (text) => encodeURIComponent(text),
  'in a URL, with small letters': (text) =>
    encodeURIComponent(text).replace(/%../g, (byte) => byte.toLowerCase()),
  'in a form': (text) => new URLSearchParams({ text }).toString(),
  'in HTML': (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`),
  'in HTML, by names': (text) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  'in base64': (text) => Buffer.from(text).toString('base64'),
  'in base64 for URLs': (text) => Buffer.from(text).toString('base64url'),
  'in base64, behind a letter': (text) => Buffer.from(`x${text}`).toString('base64'),
  'in base64, behind two letters': (text) => Buffer.from(`xy${text}yx`).toString('base64'),
  'in hexadecimal': (text) => Buffer.from(text).toString('hex'),
  'in hexadecimal, with large letters': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'over lines': (text) => text.replace(/(.{8})/gu, '$1\r\n  '),
  'with a blank after each character': (text) => [...text].join(' '),
};

/** The letters and digits of a secret, in whatever is left of them. */
export function core(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, '').toLowerCase();
}

/** As much of a secret as would help somebody to find out the rest: looked for in every spelling that is known here. */
export function assertHidden(text: string, ...secrets: readonly string[]): void {
  const shown = core(text);
  for (const secret of secrets) {
    for (const [how, spell] of Object.entries(spellings)) {
      const whole = core(spell(secret));
      assert.ok(!shown.includes(whole), `${secret} is shown ${how}: ${text}`);
    }
    const half = core(secret).slice(0, 12);
    assert.ok(!shown.includes(half), `${half} is shown: ${text}`);
  }
}

/**
 * Sends back what it got, in this spelling, in what goes wrong: one thing at a time, since one that is found hides all.
 * @param which - of what there is; default: the next one with each request
 */
export function echoing(
  spell: (text: string) => string,
  status: number,
  which?: (typeof parts)[number],
): Promise<HostileServer> {
  const server = HostileServer.start(async (asked, response) => {
    const { length } = (await server).asked;
    const heard = spell(heardIn(asked)[which ?? parts[length % parts.length] ?? 'header']);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ message: heard, error: heard, status: 'ERROR', messageId: heard, traceID: heard }),
    );
  });
  return server;
}

export const parts = ['header', 'credentials', 'pair', 'password', 'body'] as const;

/** What was said, and what it was made of. */
function heardIn({ headers: { authorization = '' }, body }: Asked): Record<(typeof parts)[number], string> {
  const [kind, credentials = ''] = authorization.split(' ');
  const pair = kind === 'Basic' ? Buffer.from(credentials, 'base64').toString() : '';
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(pair) ?? [];
  return { header: authorization, credentials, pair, password, body: textsIn(body).join() };
}

function textsIn(body: string): string[] {
  return body === ''
    ? []
    : Object.values((JSON.parse(body) as { secureJsonData?: object }).secureJsonData ?? {});
}

export const contents: readonly [what: string, content: SecretContent, auth: GrafanaAuth][] = [
  ['a token', { token }, { kind: 'bearer', token }],
  ['a password', { username: user, password }, { kind: 'basic', user, password }],
];
