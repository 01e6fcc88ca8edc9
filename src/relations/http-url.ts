/**
 * Reads an address that a peer published. The Python charms publish some without a scheme and mean http.
 * @returns the URL as text, or undefined for anything but http and https, for one with credentials in it, and for one
 *   that {@link isLinkLocal}
 * @see canonical/grafana-k8s-operator: lib/charms/grafana_k8s/v0/grafana_source.py
 */
export function httpUrl(text: string): string | undefined {
  const trimmed = text.trim();
  // The parser would skip tabs and line breaks, and we pass on the text as it is. A backslash is a slash to it, and to
  // Grafana's none: to them the host would be another one.
  if (trimmed === '' || /[\p{Cc}\s\\]/u.test(trimmed)) return undefined;
  const withScheme = schemed(trimmed);
  if (Buffer.byteLength(withScheme) > limitBytes || !URL.canParse(withScheme)) return undefined;
  const { protocol, hostname, username, password } = new URL(withScheme);
  if ((protocol !== 'http:' && protocol !== 'https:') || hostname === '') return undefined;
  // Every Viewer of Grafana sees the URL.
  if (username !== '' || password !== '') return undefined;
  if (isLinkLocal(hostname)) return undefined;
  // The text itself goes on, not the parsed form: that would add a slash and make every comparison differ.
  return withScheme;
}

// Grafana refuses longer ones.
const limitBytes = 255;

function schemed(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
}

/** Whether {@link isLinkLocal} is why it is refused. */
export function isLinkLocalUrl(text: string): boolean {
  return isLinkLocal(URL.parse(schemed(text.trim()))?.hostname ?? '');
}

/**
 * Whether it is an address that leads nowhere but to the machine that calls it, and its cloud. No datasource is there,
 * but the metadata service that hands out the credentials of that machine: Grafana's, which calls what it is given, and
 * shows every Viewer the answer. Names may lead there as well; that is for Grafana's own settings, or a firewall.
 * @param hostname - as `URL` writes it: IPv4 in whatever spelling is dotted decimal then, IPv6 is in brackets
 */
function isLinkLocal(hostname: string): boolean {
  return linkLocal.some((form) => form.test(hostname));
}

const linkLocal: readonly RegExp[] = [
  /^169\.254\./,
  // The same as a part of an IPv6 address: mapped, and through NAT64.
  /^\[(?:::|::ffff:|::ffff:0:|64:ff9b::)a9fe:[0-9a-f]+\]$/,
  /^\[fe[89ab][0-9a-f]:/,
  // Where AWS has it in IPv6.
  /^\[fd00:ec2::254\]$/,
];
