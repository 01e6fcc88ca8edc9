import { BlockList, isIP } from 'node:net';
import { DatasourceError } from '../errors.ts';

/**
 * Through which proxy to ask a URL, by `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` in either case, as Go's programs and
 * curl read them: each scheme has its own, and what is on this machine is asked directly.
 * @returns undefined for directly
 * @throws {DatasourceError} where the proxy is no http URL: never directly instead
 * @see golang/net: http/httpproxy/proxy.go
 */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): string | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = read(env, name);
  const host = bare(url.hostname);
  if (proxy === '' || isLocal(host) || isExempt(host, portOf(url), read(env, 'NO_PROXY'))) return undefined;
  const withScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
  if (/^https?:/i.test(withScheme) && URL.canParse(withScheme)) return withScheme;
  // Without the value, which may hold a password.
  throw new DatasourceError(
    `${name} of Grafana's environment is no http or https URL, and no other proxy can be used`,
  );
}

function read(env: NodeJS.ProcessEnv, name: string): string {
  return (env[name] || env[name.toLowerCase()] || '').trim();
}

function bare(hostname: string): string {
  return hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/(.)\.$/, '$1')
    .toLowerCase();
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}

function isLocal(host: string): boolean {
  return host === 'localhost' || /^127\./.test(host) || host === '::1';
}

function isExempt(host: string, port: string, noProxy: string): boolean {
  return noProxy
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => matches(entry.toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return inNetwork(entry, host);
  const { name, only } = splitPort(entry);
  if (only !== '' && only !== port) return false;
  if (isIP(name) !== 0) return name === host;
  // `example.com` is itself and what is below it, `.example.com` and `*.example.com` only what is below.
  const below = name.replace(/^\*?\./, '');
  return host.endsWith(`.${below}`) || (below === name && host === name);
}

function splitPort(entry: string): { name: string; only: string } {
  const [, inBrackets, name = '', only = ''] = /^(?:\[(.+)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  // Nothing matches: an IPv6 address without brackets, which has colons of its own.
  return name === '' && inBrackets === undefined
    ? { name: entry, only: '' }
    : { name: inBrackets ?? name, only };
}

function inNetwork(entry: string, host: string): boolean {
  const family = isIP(host);
  const [network = '', bits = ''] = entry.split('/');
  if (family === 0 || isIP(network) !== family || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), type);
  return list.check(host, type);
}
