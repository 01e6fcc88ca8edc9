import type { Reply } from '../respond.ts';
import { html } from '../respond.ts';
import type { World } from './route.ts';

/** A plain page for a person who opens the URL. Grafana shows its login here; there is nothing to log in to. */
export function page({ version, store }: World): Reply {
  const rows = store.list().map(({ name, type, uid, url, jsonData }) => {
    const cells = [name, type, uid, url, JSON.stringify(jsonData)].map(
      (text) => `<td>${escapeHtml(text)}</td>`,
    );
    return `<tr>${cells.join('')}</tr>`;
  });
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Embedded Grafana</title>
<h1>Embedded Grafana ${escapeHtml(version)}</h1>
<p>This is not Grafana: it only answers the datasource API as Grafana does.</p>
<table>
<tr><th>name</th><th>type</th><th>uid</th><th>url</th><th>jsonData</th></tr>
${rows.join('\n')}
</table>
</html>
`;
  const reply = html(200, body);
  return { ...reply, headers: { ...reply.headers, 'content-security-policy': "default-src 'none'" } };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
