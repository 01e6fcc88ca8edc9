export interface CentralEntry {
  readonly name: string;
  /** Unix file type and permissions; 0o644 when it was not made on Unix. */
  readonly mode: number;
  readonly crc: number;
}

/**
 * Reads what fflate leaves out when it unpacks: modes and checksums, which stand in a zip's central directory.
 * @throws {Error} it has none
 * @see PKWARE's APPNOTE.TXT, sections 4.3.12 and 4.3.16
 */
export function centralDirectory(archive: Buffer): CentralEntry[] {
  // The end record stands last; behind it there may be a comment of up to 65535 bytes.
  const end = archive.lastIndexOf(endSignature);
  if (end < 0 || end + 22 > archive.length) throw new Error('it is no zip file, or not a whole one');
  const entries: CentralEntry[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (archive.indexOf(entrySignature, at) !== at) throw new Error('its list of files is damaged');
    const madeOnUnix = archive[at + 5] === 3;
    const nameLength = archive.readUInt16LE(at + 28);
    entries.push({
      name: archive.toString('utf8', at + 46, at + 46 + nameLength),
      mode: madeOnUnix ? archive.readUInt16LE(at + 40) : 0o644,
      crc: archive.readUInt32LE(at + 16),
    });
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

const endSignature = Buffer.from('PK\x05\x06', 'latin1');
const entrySignature = Buffer.from('PK\x01\x02', 'latin1');
