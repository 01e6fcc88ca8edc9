import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Agent, Dispatcher } from 'undici';
import { DatasourceError } from '../errors.ts';
import type { HttpOptions, SecureSocksProxy, TlsOptions } from './options.ts';
import { proxyFor } from './proxies.ts';
import { socksConnector } from './socks-connector.ts';

type Undici = typeof import('undici');

/** What is used of Node's options for TLS. */
interface TlsConnect {
  readonly ca?: string[];
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
}

/** Connections to datasources, and by which way they go. */
export class Dispatchers {
  readonly #undici: Undici;
  readonly #options: HttpOptions;
  readonly #env: NodeJS.ProcessEnv;
  readonly #settings: Agent.Options;
  readonly #tls: TlsConnect;
  /** By proxy; '' is the direct one. */
  readonly #byProxy = new Map<string, Dispatcher>();

  /** @throws {DatasourceError} where a certificate or a key cannot be read */
  constructor(undici: Undici, options: HttpOptions, env: NodeJS.ProcessEnv) {
    this.#undici = undici;
    this.#options = options;
    this.#env = env;
    this.#tls = tlsFrom(options.tls);
    const { idleTimeoutMs = 90_000, maxConnectionsPerHost = 0, keepAliveMs = 30_000 } = options;
    this.#settings = {
      connections: maxConnectionsPerHost === 0 ? null : maxConnectionsPerHost,
      keepAliveTimeout: Math.max(idleTimeoutMs, 1),
      // What a server says of it may shorten that, not prolong it.
      keepAliveMaxTimeout: Math.max(idleTimeoutMs, 1),
      // The request has a timeout of its own, for all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
      // As Go's SDK: HTTP/2 has its own ways to fail.
      allowH2: false,
      connect: {
        ...this.#tls,
        keepAlive: keepAliveMs > 0,
        keepAliveInitialDelay: keepAliveMs,
        timeout: this.#timeout,
      },
    };
  }

  get #timeout(): number {
    const { connectTimeoutMs = 10_000, tlsHandshakeTimeoutMs = 10_000 } = this.#options;
    if (connectTimeoutMs === 0 || tlsHandshakeTimeoutMs === 0) return 0;
    return connectTimeoutMs + tlsHandshakeTimeoutMs;
  }

  for(url: URL): Dispatcher {
    const { secureSocksProxy } = this.#options;
    const proxy = secureSocksProxy?.address ?? proxyFor(url, this.#env) ?? '';
    let dispatcher = this.#byProxy.get(proxy);
    if (dispatcher === undefined) {
      dispatcher =
        secureSocksProxy !== undefined
          ? this.#throughSocks(secureSocksProxy)
          : proxy === ''
            ? new this.#undici.Agent(this.#settings)
            : this.#throughProxy(proxy);
      this.#byProxy.set(proxy, dispatcher);
    }
    return dispatcher;
  }

  #throughProxy(uri: string): Dispatcher {
    const common = { allowH2: false, timeout: this.#timeout };
    return new this.#undici.ProxyAgent({
      ...this.#settings,
      uri,
      proxyTls: common,
      requestTls: { ...this.#tls, ...common },
    });
  }

  #throughSocks(proxy: SecureSocksProxy): Dispatcher {
    const { buildConnector } = this.#undici;
    const common = { allowH2: false, timeout: this.#timeout };
    const connect = socksConnector(proxy, {
      toProxy: buildConnector(proxy.allowInsecure ? common : { ...socksTlsFrom(proxy), ...common }),
      toTarget: buildConnector({ ...this.#tls, ...common }),
      timeoutMs: this.#timeout,
    });
    return new this.#undici.Agent({ ...this.#settings, connect });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byProxy.values()].map((dispatcher) => dispatcher.close()));
  }
}

function tlsFrom(tls: TlsOptions | undefined): TlsConnect {
  if (tls === undefined) return {};
  const { caCertificate, clientCertificate, clientKey, serverName, skipVerify, minVersion } = tls;
  const hasClient = Boolean(clientCertificate) && Boolean(clientKey);
  return checked('the TLS settings of the datasource', {
    ...(caCertificate && { ca: [caCertificate] }),
    ...(hasClient && { cert: clientCertificate, key: clientKey }),
    ...(serverName && { servername: serverName }),
    ...(skipVerify && { rejectUnauthorized: false }),
    ...(minVersion && { minVersion }),
  });
}

function socksTlsFrom(proxy: SecureSocksProxy): TlsConnect {
  const { rootCertificates, clientCertificate, clientKey, serverName } = proxy;
  return checked("the certificates of Grafana's secure SOCKS proxy", {
    ca: [...rootCertificates],
    ...(clientCertificate && { cert: clientCertificate }),
    ...(clientKey && { key: clientKey }),
    minVersion: 'TLSv1.3',
    ...(serverName && { servername: serverName }),
  });
}

/** OpenSSL takes what is no certificate for no certificates, and says of a key that does not fit what nobody understands. */
function checked(what: string, options: TlsConnect): TlsConnect {
  try {
    for (const ca of options.ca ?? []) new X509Certificate(ca);
    createSecureContext(options);
    return options;
  } catch (cause) {
    throw new DatasourceError(
      `${what} cannot be used: check that certificates and key are in PEM and belong together`,
      { status: 400, source: 'downstream', cause },
    );
  }
}
