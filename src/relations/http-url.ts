/**
 * Reads an address that a peer published. The Python charms publish some without a scheme and mean http.
 * @returns the URL as text, or undefined for anything but http and https, and for one with credentials in it
 * @see canonical/grafana-k8s-operator: lib/charms/grafana_k8s/v0/grafana_source.py
 */
export function httpUrl(text: string): string | undefined {
  const trimmed = text.trim();
  // The parser would skip tabs and line breaks, and we pass on the text as it is.
  if (trimmed === '' || /[\p{Cc}\s]/u.test(trimmed)) return undefined;
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  if (Buffer.byteLength(withScheme) > limitBytes || !URL.canParse(withScheme)) return undefined;
  const { protocol, hostname, username, password } = new URL(withScheme);
  if ((protocol !== 'http:' && protocol !== 'https:') || hostname === '') return undefined;
  // Every Viewer of Grafana sees the URL.
  if (username !== '' || password !== '') return undefined;
  // The text itself goes on, not the parsed form: that would add a slash and make every comparison differ.
  return withScheme;
}

// Grafana refuses longer ones.
const limitBytes = 255;
