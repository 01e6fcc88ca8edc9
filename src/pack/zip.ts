import { type AsyncZippable, zip } from 'fflate';

export interface ZipEntry {
  /** Path in the archive, with `/`. */
  readonly name: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/**
 * Writes a zip in which nothing depends on when, where or by whom it was made: entries are sorted and have one time and
 * one of two modes. fflate compresses in JavaScript, so that the bytes are the same on every processor; zlib, which is
 * in Node, takes other ways on other ones.
 */
export function writeZip(entries: readonly ZipEntry[]): Promise<Uint8Array> {
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const files: AsyncZippable = Object.fromEntries(
    sorted.map(({ name, content, executable }) => {
      return [name, [content, { attrs: unixFile(executable ? 0o755 : 0o644) }]] as const;
    }),
  );
  return new Promise((resolve, reject) => {
    zip(files, { level: 9, mem: 12, os: unix, mtime: firstDay }, (error, archive) => {
      if (error === null) resolve(archive);
      else reject(error);
    });
  });
}

const unix = 3;
/** The earliest that a zip can say. Local time, because zips have no time zone. */
const firstDay = new Date(1980, 0, 1);

/** The upper half of the external attributes: a regular file of this mode. */
function unixFile(mode: number): number {
  return ((0o100000 | mode) << 16) >>> 0;
}
