import { dt, ElfImage, pt, type Segment, segmentSize, writeSegments } from '#lib/elf';
import { nativeCode } from './native-code.ts';
import { startCode } from './start.ts';
import { libraryFolder, type Target, targets } from './targets.ts';
import { embedLibatomic, needsLibatomic } from './without-libatomic.ts';

export interface Parts {
  readonly target: Target;
  /** Node. What lies behind its last segment is lost: symbols and debug information. Stays as it is. */
  readonly node: Buffer;
  /** As `node --experimental-sea-config` makes it. */
  readonly blob: Buffer;
  /** Whether the C library lies beside the executable, in {@link libraryFolder}. */
  readonly bringsLibc: boolean;
}

/**
 * Makes a single executable out of Node and an application: what `node --build-sea` does, in half a second for any
 * target, where that takes ten; and one that needs no libatomic.so.1.
 *
 * Behind Node's own segments come two more. One is only read: the program headers, which there are more of now than
 * fit in their old place, and a note with the blob, which Node finds through them. The other one is code: libatomic's
 * function, and where the C library is brought, the {@link startCode} that finds it.
 * @returns the file's parts, to be written one after another
 * @throws {Error} Node is not as all of its releases have been; the message says in what
 * @see nodejs/postject: postject-api.h, how the note is found; nodejs/node: doc/api/single-executable-applications.md
 */
export function linkExecutable({ target, node, blob, bringsLibc }: Parts): Buffer[] {
  const image = new ElfImage(Buffer.from(node));
  if (image.machine !== targets[target].elfMachine) throw new Error(`Node is for machine ${image.machine}`);
  const { segments, entry, loadedEnd } = image;
  const loads = segments.filter(({ type }) => type === pt.load);
  const first = loads[0];
  if (first === undefined || first.offset !== 0) throw new Error('its first segment does not begin the file');
  // Kernels before 5.18 tell a process that its headers are as far from its start as in the file. So the new segments
  // are as far from it in both, and what the last one has in memory only is left out in the file too.
  const end = Math.max(
    ...loads.map(({ offset, address, fileSize, memorySize }) => {
      return Math.max(offset + fileSize, address + memorySize - first.address);
    }),
  );
  const readAt = align(end);
  const count = segments.length + 3;
  const tableSize = count * segmentSize;
  const noteAt = readAt + (bringsLibc ? 2 : 1) * tableSize;
  const note = seaNote(blob);
  const codeAt = align(noteAt + note.length);

  const address = (offset: number) => first.address + offset;
  const loaderHeaders = { entry, address: address(readAt + tableSize), count };
  const start = bringsLibc ? startCode(target, loaderHeaders) : Buffer.alloc(0);
  const code = codeOf(start, image, target, address(codeAt));
  const read: Segment = {
    type: pt.load,
    flags: 4,
    offset: readAt,
    address: address(readAt),
    fileSize: noteAt + note.length - readAt,
    memorySize: noteAt + note.length - readAt,
    align: alignment,
  };
  const added: Segment[] = [
    read,
    {
      ...read,
      flags: 5,
      offset: codeAt,
      address: address(codeAt),
      fileSize: code.length,
      memorySize: code.length,
    },
    {
      ...read,
      type: pt.note,
      offset: noteAt,
      address: address(noteAt),
      fileSize: note.length,
      memorySize: note.length,
      align: 4,
    },
  ];
  /** A table with the old segments and the new ones; the kernel and the loader want each kind in order of address. */
  const table = (at: number) => {
    const moved = { offset: at, address: address(at), fileSize: tableSize, memorySize: tableSize };
    return [...segments.map((one) => (one.type === pt.phdr ? { ...one, ...moved } : one)), ...added];
  };
  setFuse(image.bytes);
  if (bringsLibc) searchOwnFolder(image, target);
  image.bytes.writeBigUInt64LE(BigInt(readAt), 32); // e_phoff
  image.bytes.writeUInt16LE(count, 56); // e_phnum
  // The table of sections is behind the last segment, and lost: nothing that runs reads it.
  image.dropSections();
  const tables = [writeSegments(table(readAt))];
  if (bringsLibc) {
    image.bytes.writeBigUInt64LE(BigInt(address(codeAt)), 24); // e_entry
    // The kernel's table names no loader, so that it needs none; the loader's own one is as it always is.
    const unnamed = table(readAt).map((one) => (one.type === pt.interp ? { ...one, type: 0 } : one));
    tables.splice(0, 1, writeSegments(unnamed), writeSegments(table(readAt + tableSize)));
  }
  return [
    image.bytes.subarray(0, loadedEnd),
    Buffer.alloc(readAt - loadedEnd),
    ...tables,
    note,
    Buffer.alloc(codeAt - noteAt - note.length),
    code,
  ];
}

/** The largest page that Linux has on either processor: a new segment may begin anywhere that this divides. */
const alignment = 0x10000;

function align(offset: number, to = alignment): number {
  return Math.ceil(offset / to) * to;
}

/** Each part at the beginning of a page, as it wants to be: the start code, and libatomic's function. */
function codeOf(start: Buffer, image: ElfImage, target: Target, address: number): Buffer {
  const functionAt = align(start.length, 4096);
  if (needsLibatomic(image)) embedLibatomic(image, address + functionAt);
  return Buffer.concat([start, Buffer.alloc(functionAt - start.length), nativeCode.compareExchange[target]]);
}

/** One note, as ELF has them: sizes of name and content, a type that nobody reads, both padded to 4 bytes. */
function seaNote(blob: Buffer): Buffer {
  const name = Buffer.from('NODE_SEA_BLOB\0\0\0', 'latin1');
  const head = Buffer.alloc(12);
  head.writeUInt32LE('NODE_SEA_BLOB\0'.length, 0);
  head.writeUInt32LE(blob.length, 4);
  return Buffer.concat([head, name, blob, Buffer.alloc(align(blob.length, 4) - blob.length)]);
}

/** Node looks for a blob only where this is set. */
function setFuse(bytes: Buffer): void {
  const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:';
  const at = bytes.indexOf(fuse, 0, 'latin1');
  if (at === -1 || bytes.indexOf(fuse, at + 1, 'latin1') !== -1 || bytes[at + fuse.length] !== 0x30) {
    throw new Error('it does not have the one mark of a Node that can become a single executable');
  }
  bytes[at + fuse.length] = 0x31;
}

/**
 * Sends the loader to the executable's own libraries first. It takes a place in the dynamic section that libatomic has
 * left, and the room of a name that is bound without its name: `DT_RPATH`, since that also holds for libraries' needs.
 */
function searchOwnFolder(image: ElfImage, target: Target): void {
  const path = Buffer.from(`$ORIGIN/${libraryFolder(target)}\0`, 'latin1');
  const room = '__atomic_compare_exchange';
  const index = image.bytes.readUInt32LE(image.symbol(room));
  if (path.length > room.length + 1) throw new Error(`no room for the path ${path}`);
  path.copy(image.bytes, image.stringOffset(index));
  image.dynamic = [{ tag: dt.rpath, value: index }, ...image.dynamic];
}
