import { DatasourceError } from '../errors.ts';
import type { GrafanaConfig } from '../grafana-config.ts';
import type { DatasourceSettings } from '../plugin-context.ts';
import type { SecureSocksProxy } from './options.ts';

const prefix = 'GF_SECURE_SOCKS_DATASOURCE_PROXY_';

/**
 * Grafana's secure SOCKS proxy for a datasource that is to be reached through it.
 * @throws {DatasourceError} status 400 where Grafana has none, or says of it only by files (before Grafana 11): whoever
 *   set the datasource up does not want it to be asked directly
 */
export function secureSocksProxyFrom(
  settings: DatasourceSettings,
  { secureSocksProxyUsername }: { readonly secureSocksProxyUsername?: string | undefined },
  grafana: GrafanaConfig,
): SecureSocksProxy {
  const read = (name: string) => grafana.get(prefix + name) ?? '';
  const address = read('PROXY_ADDRESS');
  const enabled = isTrue(read('SERVER_ENABLED'));
  if (!enabled || address === '') {
    throw refused(settings, `Grafana has none: see [secure_socks_datasource_proxy] of its configuration`);
  }
  const allowInsecure = isTrue(read('ALLOW_INSECURE'));
  const rootCertificates = read('ROOT_CA_CERT_VALS')
    .split(',')
    .filter((pem) => pem.trim() !== '');
  const clientCertificate = read('CLIENT_CERT_VAL');
  const clientKey = read('CLIENT_KEY_VAL');
  if (!allowInsecure && (rootCertificates.length === 0 || clientCertificate === '' || clientKey === '')) {
    throw refused(settings, 'Grafana does not hand over its certificates: it has to be Grafana 11 or later');
  }
  const serverName = read('SERVER_NAME');
  return {
    address,
    ...(serverName !== '' && { serverName }),
    rootCertificates,
    ...(clientCertificate !== '' && { clientCertificate }),
    ...(clientKey !== '' && { clientKey }),
    allowInsecure,
    user: secureSocksProxyUsername ?? settings.uid,
    password: settings.secureJsonData.secureSocksProxyPassword ?? '',
  };
}

function isTrue(text: string): boolean {
  return /^(1|t|true)$/i.test(text);
}

function refused(settings: DatasourceSettings, why: string): DatasourceError {
  return new DatasourceError(
    `datasource ${settings.name} is to be reached through a secure SOCKS proxy, and ${why}`,
    {
      status: 400,
      source: 'downstream',
    },
  );
}
