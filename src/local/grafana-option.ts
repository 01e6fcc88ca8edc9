/**
 * What the option `--grafana` of a command named, as it may be told: what somebody gave as a URL may hold a password,
 * whether it is one or not.
 */
export function shownUrl(text: string): string {
  const url = URL.parse(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol)) return text.includes('@') ? 'URL' : text.trim();
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/**
 * The remedy of a `GrafanaApiError` for whoever gave Grafana's address by options of a command: the client speaks to
 * operators of the charm, by its config. What it says of `grafana-ca` is left, since not every command has `--ca`.
 */
export function inOptions(remedy: string): string {
  return remedy
    .replace(/^put .* into the secret of grafana-token$/, 'put a valid token into the file of --token-file')
    .replace(/\bof grafana-token\b/, 'of the token')
    .replace(/^set grafana-url to /, 'give --grafana ')
    .replaceAll('grafana-url', '--grafana');
}
