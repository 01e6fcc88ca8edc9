import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mintCertificate } from '../../../lib/go-plugin/certificate.ts';
import { integer, objectIdentifier, octetString, time } from '../../../lib/go-plugin/der.ts';

suite('the certificate of AutoMTLS', () => {
  test('is what go-plugin makes for itself', () => {
    const now = Date.UTC(2026, 0, 2, 3, 4, 5);
    const { der, pem, privateKey } = mintCertificate(now);
    const certificate = new X509Certificate(pem);
    assert.deepEqual(new Uint8Array(certificate.raw), new Uint8Array(der));
    assert.equal(certificate.subject, certificate.issuer);
    assert.equal(certificate.checkHost('localhost'), 'localhost');
    assert.equal(certificate.ca, true);
    assert.ok(certificate.verify(certificate.publicKey), 'it is signed by its own key');
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'secp521r1');
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1']);
    assert.equal(Date.parse(certificate.validFrom), now - 30_000);
    assert.equal(Date.parse(certificate.validTo), now + 262_980 * 3_600_000, 'which is after 2050');
    assert.match(privateKey, /^-----BEGIN PRIVATE KEY-----/);
    assert.notEqual(new X509Certificate(mintCertificate(now).pem).serialNumber, certificate.serialNumber);
  });
});

suite('DER', () => {
  const cases: [string, Buffer, string][] = [
    ['a number whose first bit is set gets a sign', integer(Uint8Array.of(0x80)), '02020080'],
    ['a number is written without leading zeros', integer(Uint8Array.of(0, 0, 0x7f)), '02017f'],
    ['zero is one byte', integer(Uint8Array.of(0)), '020100'],
    [
      'an object identifier packs seven bits a byte',
      objectIdentifier('1.2.840.10045.4.3.4'),
      '06082a8648ce3d040304',
    ],
    [
      'a year up to 2049 has two digits',
      time(new Date('2049-12-31T23:59:59Z')),
      '170d3439313233313233353935395a',
    ],
    ['a later one has four', time(new Date('2050-01-01T00:00:00Z')), '180f32303530303130313030303030305a'],
    [
      'a long element says how long its length is',
      octetString(new Uint8Array(300)).subarray(0, 4),
      '0482012c',
    ],
  ];
  for (const [what, bytes, hex] of cases) test(what, () => assert.equal(bytes.toString('hex'), hex));
});
