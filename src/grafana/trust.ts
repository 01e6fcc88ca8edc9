import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

/**
 * TLS that trusts these certificates besides those of the CAs that Node knows.
 * @param pem - one certificate or several; an intermediate one, or the server's own, is enough to trust it
 */
export function trusting(pem: string): SecureContext {
  return createSecureContext({ ca: [...getCACertificates('default'), pem], allowPartialTrustChain: true });
}
