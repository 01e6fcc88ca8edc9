import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts';

export interface Certificate {
  readonly der: Uint8Array;
  readonly pem: string;
  /** PKCS #8 in PEM; it stays in this process. */
  readonly privateKey: string;
}

const hourMs = 3_600_000;

/**
 * A fresh self-signed certificate of the shape that go-plugin uses for AutoMTLS: each side trusts exactly the other's,
 * so that it is its own authority, and it serves both as a server's and as a client's.
 * @param now - Unix milliseconds
 * @see hashicorp/go-plugin: mtls.go (the fields); RFC 5280, 4.1 (their form)
 */
export function mintCertificate(now: number): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' });
  const algorithm = sequence(objectIdentifier('1.2.840.10045.4.3.4')); // ecdsa-with-SHA512
  const name = sequence(
    set(sequence(objectIdentifier('2.5.4.3'), utf8String('localhost'))),
    set(sequence(objectIdentifier('2.5.4.10'), utf8String('crosslink'))),
  );
  const content = sequence(
    explicit(0, integer(Uint8Array.of(2))), // version 3
    integer(randomBytes(16)),
    algorithm,
    name, // issuer
    // Clocks of one machine agree, but the host's look at them may come first.
    sequence(time(new Date(now - 30_000)), time(new Date(now + 262_980 * hourMs))),
    name, // subject
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, extensions()),
  );
  const signature = sign('sha512', content, privateKey);
  const der = sequence(content, algorithm, bitString(signature));
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return {
    der,
    pem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function extensions(): Buffer {
  const extension = (id: string, critical: boolean, value: Uint8Array) =>
    sequence(objectIdentifier(id), ...(critical ? [boolean(true)] : []), octetString(value));
  return sequence(
    extension('2.5.29.19', true, sequence(boolean(true))), // basicConstraints: a certificate authority
    // keyUsage: digitalSignature, keyEncipherment, keyAgreement, keyCertSign; two bits of the byte mean nothing
    extension('2.5.29.15', true, bitString(Uint8Array.of(0b1010_1100), 2)),
    extension(
      '2.5.29.37', // extendedKeyUsage: clientAuth, serverAuth
      false,
      sequence(objectIdentifier('1.3.6.1.5.5.7.3.2'), objectIdentifier('1.3.6.1.5.5.7.3.1')),
    ),
    extension('2.5.29.17', false, sequence(implicit(2, Buffer.from('localhost')))), // subjectAltName: a DNS name
  );
}
