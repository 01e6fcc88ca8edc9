const block = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g;

/**
 * What is wrong with the value of `grafana-ca`, as the end of a line for `juju status`; undefined for one or more
 * certificates in PEM. Text between them is allowed: tools put names there.
 */
export function certificatesProblem(pem: string): string | undefined {
  const blocks = [...pem.matchAll(block)].map(([text, label = '']) => ({ text, label }));
  if (blocks.some(({ label }) => label.endsWith('PRIVATE KEY'))) {
    return 'take the private key out of it, and use that key no more: it was readable here';
  }
  const rest = pem.replace(block, '');
  const isPem = blocks.length > 0 && !rest.includes('-----');
  if (isPem && blocks.every(({ text, label }) => label === 'CERTIFICATE' && isCertificate(text)))
    return undefined;
  return 'expected certificates in PEM, each from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----';
}

function isCertificate(text: string): boolean {
  // Not imported: crypto takes 5 ms to load, and few have this option set.
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  try {
    new X509Certificate(text);
    return true;
  } catch {
    return false;
  }
}
