import { inspect } from 'node:util';
import * as z from 'zod';
import { DatasourceError } from '../errors.ts';
import { GrafanaConfig } from '../grafana-config.ts';
import type { DatasourceSettings } from '../plugin-context.ts';
import { currentScope } from '../scope.ts';
import type { HttpOptions, TlsOptions } from './options.ts';
import { secureSocksProxyFrom } from './socks-settings.ts';

/** Editors leave null, or nothing at all, where a field was cleared. */
const absent = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === null || value === '' ? undefined : value), schema.optional());
const text = absent(z.string());
const flag = absent(z.boolean());
const seconds = absent(z.number().min(0).max(86_400));
const count = absent(z.number().int().min(0));

/** What Grafana's editors for HTTP write; what else stands there is the plugin's. */
const HttpJsonData = z.looseObject({
  url: text,
  basicAuth: flag,
  basicAuthUser: text,
  timeout: seconds,
  dialTimeout: seconds,
  httpKeepAlive: seconds,
  httpTLSHandshakeTimeout: seconds,
  httpExpectContinueTimeout: seconds,
  httpMaxConnsPerHost: count,
  httpMaxIdleConns: count,
  httpMaxIdleConnsPerHost: count,
  httpIdleConnTimeout: seconds,
  tlsAuth: flag,
  tlsAuthWithCACert: flag,
  tlsSkipVerify: flag,
  serverName: text,
  enableSecureSocksProxy: flag,
  secureSocksProxyUsername: text,
  sigV4Auth: flag,
  sigV4AuthType: text,
  sigV4Region: text,
  sigV4Profile: text,
  sigV4AssumeRoleArn: text,
  sigV4ExternalId: text,
});
export type HttpJsonData = z.infer<typeof HttpJsonData>;

type Secrets = Readonly<Record<string, string>>;

/**
 * How a datasource that is set up by Grafana's HTTP editors is reached, for {@link createFetch}.
 *
 * `httpExpectContinueTimeout`, `httpMaxIdleConns` and `httpMaxIdleConnsPerHost` are read, and change nothing: requests
 * do not wait for a 100, and idle connections are bounded by their time.
 * @param grafana - for the secure SOCKS proxy; that of the current call if not given
 * @throws {DatasourceError} status 400: a setting has the wrong type, which it names, or asks for a proxy that there is
 *   none of
 */
export function httpOptionsFrom(
  settings: DatasourceSettings,
  grafana: GrafanaConfig = currentScope()?.context.grafana ?? new GrafanaConfig(),
): HttpOptions {
  const json = readJson(settings);
  const secure = settings.secureJsonData;
  const url = settings.url || json.url;
  const basicAuth = basicAuthFrom(settings, json);
  const tls = tlsFrom(json, secure, grafana);
  const secureSocksProxy = json.enableSecureSocksProxy
    ? secureSocksProxyFrom(settings, json, grafana)
    : undefined;
  return {
    ...(url && { url }),
    ...(basicAuth && { basicAuth: hidden(basicAuth) }),
    headers: hidden(headersFrom(json, secure)),
    ...milliseconds('timeoutMs', json.timeout),
    ...milliseconds('connectTimeoutMs', json.dialTimeout),
    ...milliseconds('tlsHandshakeTimeoutMs', json.httpTLSHandshakeTimeout),
    ...milliseconds('keepAliveMs', json.httpKeepAlive),
    ...milliseconds('idleTimeoutMs', json.httpIdleConnTimeout),
    ...(json.httpMaxConnsPerHost !== undefined && { maxConnectionsPerHost: json.httpMaxConnsPerHost }),
    ...(tls && { tls: hidden(tls) }),
    ...(secureSocksProxy && { secureSocksProxy: hidden(secureSocksProxy) }),
    ...(json.sigV4Auth && { sigV4: hidden(sigV4From(json, secure)) }),
    labels: {
      datasource_name: settings.name,
      datasource_uid: settings.uid,
      datasource_type: settings.type,
    },
    secrets: hidden(Object.values(secure).filter((secret) => secret !== '')),
  };
}

function readJson(settings: DatasourceSettings): HttpJsonData {
  const read = HttpJsonData.safeParse(settings.jsonData);
  if (read.success) return read.data;
  const why = read.error.issues
    .map((issue) => `${issue.path.join('.') || 'jsonData'}: ${issue.message}`)
    .join('; ');
  throw new DatasourceError(`the settings of datasource ${settings.name} are wrong: ${why}`, {
    status: 400,
    source: 'downstream',
    cause: read.error,
  });
}

function basicAuthFrom(settings: DatasourceSettings, json: HttpJsonData): HttpOptions['basicAuth'] {
  const { basicAuthPassword = '', password = '' } = settings.secureJsonData;
  if (settings.basicAuthEnabled) return { user: settings.basicAuthUser, password: basicAuthPassword };
  if (settings.user !== '') return { user: settings.user, password };
  return json.basicAuth ? { user: json.basicAuthUser ?? '', password: basicAuthPassword } : undefined;
}

function tlsFrom(json: HttpJsonData, secure: Secrets, grafana: GrafanaConfig): TlsOptions | undefined {
  const { tlsAuth, tlsAuthWithCACert, tlsSkipVerify, serverName } = json;
  const newest = grafana.featureToggles.has('pluginsForceTls13');
  if (!tlsAuth && !tlsAuthWithCACert && !tlsSkipVerify && !newest) return undefined;
  const { tlsCACert, tlsClientCert, tlsClientKey } = secure;
  const own = tlsAuth || tlsAuthWithCACert;
  return {
    ...(own && tlsCACert && { caCertificate: tlsCACert }),
    ...(own && tlsClientCert && { clientCertificate: tlsClientCert }),
    ...(own && tlsClientKey && { clientKey: tlsClientKey }),
    ...(own && serverName && { serverName }),
    ...(tlsSkipVerify && { skipVerify: true }),
    ...(newest && { minVersion: 'TLSv1.3' }),
  };
}

/** `httpHeaderName1` with the secure `httpHeaderValue1`, and so on until one is missing. */
function headersFrom(json: HttpJsonData, secure: Secrets): Record<string, string> {
  const headers = new Map<string, string>();
  for (let number = 1; ; number += 1) {
    const key = `httpHeaderName${number}`;
    if (!Object.hasOwn(json, key)) break;
    const name = json[key];
    if (typeof name !== 'string') {
      throw new DatasourceError(
        `the settings of the datasource are wrong: ${key}: Invalid input: expected string`,
        {
          status: 400,
          source: 'downstream',
        },
      );
    }
    const value = secure[`httpHeaderValue${number}`];
    if (value === undefined || name === '') continue;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}

function sigV4From(json: HttpJsonData, secure: Secrets): Record<string, string> {
  const { sigV4AuthType, sigV4Region, sigV4Profile, sigV4AssumeRoleArn, sigV4ExternalId } = json;
  const { sigV4AccessKey, sigV4SecretKey, sigV4SessionToken } = secure;
  const given = {
    authType: sigV4AuthType,
    region: sigV4Region,
    profile: sigV4Profile,
    assumeRoleArn: sigV4AssumeRoleArn,
    externalId: sigV4ExternalId,
    accessKey: sigV4AccessKey,
    secretKey: sigV4SecretKey,
    sessionToken: sigV4SessionToken,
  };
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function milliseconds<Name extends string>(
  name: Name,
  value: number | undefined,
): { [key in Name]?: number } {
  return (value === undefined ? {} : { [name]: value * 1000 }) as { [key in Name]?: number };
}

/** Shows nothing of itself when it is printed or made into JSON, and is the same otherwise, copies of it too. */
function hidden<T extends object>(secret: T): T {
  const show = { value: () => '[hidden]', enumerable: false };
  return Object.defineProperties(secret, { toJSON: show, [inspect.custom]: show });
}
