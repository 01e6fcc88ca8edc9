import { X509Certificate } from 'node:crypto';
import { type ChannelCredentials, credentials, ServerCredentials } from '@grpc/grpc-js';
import { mintCertificate } from './certificate.ts';
import { PluginStartError } from './listen.ts';

/** TLS in which host and plugin each trust one certificate: the other's. */
export interface AutoMtls {
  /** DER of this plugin's, for the handshake line */
  readonly certificate: Uint8Array;
  readonly server: ServerCredentials;
  readonly client: ChannelCredentials;
}

/**
 * What the host asks for with PLUGIN_CLIENT_CERT.
 * @param hostCertificate - PEM of the only one who may connect, and whom brokered connections go to
 * @param now - Unix milliseconds
 * @throws {PluginStartError} where that is no certificate
 */
export function autoMtls(hostCertificate: string, now: number): AutoMtls {
  try {
    new X509Certificate(hostCertificate);
  } catch (cause) {
    throw new PluginStartError('PLUGIN_CLIENT_CERT holds no certificate in PEM', { cause });
  }
  const { der, pem, privateKey } = mintCertificate(now);
  const trusted = Buffer.from(hostCertificate);
  const [chain, key] = [Buffer.from(pem), Buffer.from(privateKey)];
  return {
    certificate: der,
    server: ServerCredentials.createSsl(trusted, [{ private_key: key, cert_chain: chain }], true),
    client: credentials.createSsl(trusted, key, chain),
  };
}
