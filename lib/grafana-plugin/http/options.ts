import type { HttpMetrics } from './metrics.ts';

/** How a datasource is reached. {@link httpOptionsFrom} reads it from settings; it holds secrets and is not for print. */
export interface HttpOptions {
  /**
   * What relative URLs of requests are relative to, as if it were a folder. With it, credentials and what Grafana
   * forwards go to its origin only, whatever else is asked: a path that a user has a hand in may turn out to be a URL.
   */
  readonly url?: string;
  readonly basicAuth?: { readonly user: string; readonly password: string };
  /** Set on each request, whatever the request says of them. Often they are credentials, and treated as such. */
  readonly headers?: Readonly<Record<string, string>>;
  /** From the call to the last byte of the answer; 30 s if not given, 0 for as long as it takes. */
  readonly timeoutMs?: number;
  /** To connect; 10 s if not given. With TLS, the time for the handshake is added: the two are measured as one. */
  readonly connectTimeoutMs?: number;
  /** 10 s if not given. */
  readonly tlsHandshakeTimeoutMs?: number;
  /** Between probes on a quiet connection; 30 s if not given, 0 for none. */
  readonly keepAliveMs?: number;
  /** How long a connection is kept for the next request; 90 s if not given. */
  readonly idleTimeoutMs?: number;
  /** 0, as if not given, for as many as there are requests. */
  readonly maxConnectionsPerHost?: number;
  readonly tls?: TlsOptions;
  readonly secureSocksProxy?: SecureSocksProxy;
  /** Recognised in settings, but not done here: {@link createFetch} refuses it. Take it out to sign by other means. */
  readonly sigV4?: Readonly<Record<string, string>>;
  /** Of one answer, decompressed; 0, as if not given, for any. Grafana's own limit goes before it. */
  readonly responseLimitBytes?: number;
  /** In spans and metrics: `datasource_name`, `datasource_uid`, `datasource_type`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Values that must not show: they are taken out of URLs in spans and errors. */
  readonly secrets?: readonly string[];
}

/** In PEM what is a certificate or a key. */
export interface TlsOptions {
  /** In place of those that Node.js trusts. */
  readonly caCertificate?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** That the server's certificate has to be for, if it is not the host of the URL. */
  readonly serverName?: string;
  readonly skipVerify?: boolean;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
}

/** Grafana's way to datasources in other networks: SOCKS5 inside of mutual TLS. */
export interface SecureSocksProxy {
  /** `host:port` */
  readonly address: string;
  readonly serverName?: string;
  /** In PEM. */
  readonly rootCertificates: readonly string[];
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** Without TLS; for tests of Grafana's own. */
  readonly allowInsecure: boolean;
  readonly user: string;
  readonly password: string;
}

export interface FetchOptions extends HttpOptions {
  /** For `User-Agent`; if not given, the one that the current call is to. */
  readonly plugin?: { readonly id: string; readonly version: string };
  readonly metrics?: HttpMetrics;
  /** What {@link PluginRequestInit.forwardHeaders} is where a request does not say; false if not given. */
  readonly forwardHeaders?: boolean;
  /** Proxies (`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`) and limits; the process's if not given. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface PluginRequestInit extends RequestInit {
  /** Whether what Grafana forwards of its user's request goes along: tokens, cookies, `X-Grafana-*`, ... */
  readonly forwardHeaders?: boolean;
  /** In place of the client's. */
  readonly timeoutMs?: number;
  /** Whether the request ends with the call that it is made in; true if not given. False for what other calls share. */
  readonly cancelWithCall?: boolean;
}

export interface PluginFetch {
  /** @throws {DatasourceError} with source `downstream` where the other side, or the way to it, is to blame */
  (input: string | URL | Request, init?: PluginRequestInit): Promise<Response>;
  /** Ends what is under way in good order and closes all connections. Requests after it fail. */
  close(): Promise<void>;
}
