import { dt, type ElfImage, symbolSize } from '#lib/elf';

export const libatomic = 'libatomic.so.1';
/** All that Node takes from it. */
const wanted = '__atomic_compare_exchange';

/** Whether an executable starts only where libatomic is installed, which Grafana's images don't have. */
export function needsLibatomic(image: ElfImage): boolean {
  return image.needed.includes(libatomic);
}

/**
 * Makes an executable do without libatomic: its one function becomes the executable's own, so that the loader finds it
 * there and never looks for the library. What the caller has to bring is the function's code.
 * @param address - where the process will find that code
 * @see the System V ABI: symbol table, visibility; the LSB for version needs
 */
export function embedLibatomic(image: ElfImage, address: number): void {
  const { bytes } = image;
  const symbol = image.symbol(wanted);
  // A hidden symbol is bound where it stands, without a search by name or version.
  bytes.writeUInt8(sttFunction, symbol + 4);
  bytes.writeUInt8(stvHidden, symbol + 5);
  bytes.writeUInt16LE(1, symbol + 6); // of some section: no longer undefined
  bytes.writeBigUInt64LE(BigInt(address), symbol + 8);
  const index = (symbol - image.offsetOf(image.dynamicValue(dt.symtab))) / symbolSize;
  bytes.writeUInt16LE(0, image.offsetOf(image.dynamicValue(dt.versym)) + index * 2);
  dropVersions(image);
  image.dynamic = image.dynamic.filter(
    ({ tag, value }) => tag !== dt.needed || image.string(value) !== libatomic,
  );
}

/** The loader looks up each library of the list of versions, and ends the process where one is missing. */
function dropVersions(image: ElfImage): void {
  const { bytes } = image;
  const count = image.dynamicValue(dt.verneednum);
  const first = image.dynamicValue(dt.verneed);
  let previous: number | undefined;
  let at = image.offsetOf(first);
  for (let i = 0; i < count; i += 1) {
    const next = bytes.readUInt32LE(at + 12);
    if (image.string(bytes.readUInt32LE(at + 4)) === libatomic) {
      const moved = previous === undefined ? first + next : first;
      if (previous !== undefined) {
        const step = next === 0 ? 0 : bytes.readUInt32LE(previous + 12) + next;
        bytes.writeUInt32LE(step, previous + 12);
      }
      image.dynamic = image.dynamic.map((entry) => {
        if (entry.tag === dt.verneednum) return { ...entry, value: count - 1 };
        return entry.tag === dt.verneed ? { ...entry, value: moved } : entry;
      });
      return;
    }
    previous = at;
    at += next;
  }
}

/** STT_FUNC, with binding STB_LOCAL. */
const sttFunction = 2;
const stvHidden = 2;
