import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  compareUnitNames,
  formatPort,
  parsePort,
  parseUnitName,
  secretIdOf,
  type UnitName,
  worstStatus,
} from '#lib/juju';
import { logPieces } from '../../../lib/juju/log-lines.ts';

suite('unit names', () => {
  for (const bad of ['tempo', 'tempo/', 'tempo/-1', '/0', 'tempo/01', 'Tempo/0', 'tempo/0/1', '']) {
    test(`'${bad}' is no unit name`, () => assert.throws(() => parseUnitName(bad), TypeError));
  }

  test('units are ordered by number, also those of a cross-model relation', () => {
    const remote: UnitName = `remote-${'0a'.repeat(16)}/3`;
    assert.deepEqual(parseUnitName(remote).number, 3);
    const names: UnitName[] = ['b/2', 'b/10', 'a/11', remote, 'b/1'];
    assert.deepEqual(names.sort(compareUnitNames), ['a/11', 'b/1', 'b/2', 'b/10', remote]);
  });
});

suite('ports', () => {
  for (const port of ['80/tcp', '8080-8088/udp', 'icmp']) {
    test(`${port} is read and written alike`, () => assert.equal(formatPort(parsePort(port)), port));
  }
  test('80/sctp is no port', () => assert.throws(() => parsePort('80/sctp'), TypeError));
});

suite('secret URIs', () => {
  const id = 'd0abcdefghij12345678';
  const uris = [id, `secret:${id}`, `secret://cdac5656-2423-4388-8f30-41854b4cca7d/${id}`];
  for (const uri of uris) test(`${uri} names a secret`, () => assert.equal(secretIdOf(uri), id));
  test('secret:short names none', () => assert.equal(secretIdOf('secret:short'), undefined));
});

test('the most pressing status wins, the first of equals', () => {
  const first = { status: 'blocked', message: 'a' } as const;
  const all = [
    { status: 'active', message: '' } as const,
    first,
    { status: 'blocked', message: 'b' } as const,
  ];
  assert.equal(worstStatus(all), first);
  assert.equal(worstStatus([]), undefined);
});

test('log pieces hold the whole message, each within the limit', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.integer({ min: 4, max: 20 }),
      (message, limit) => {
        const pieces = logPieces(message, limit);
        assert.equal(pieces.join(''), message.replaceAll('\0', '\ufffd'));
        for (const piece of pieces) assert.ok(Buffer.byteLength(piece) <= limit);
      },
    ),
  );
});
