import { ElfImage, headerSize } from '#lib/elf';

/**
 * Takes symbols and debug information out of an executable: all that lies behind the last byte that is ever loaded, and
 * the table of sections, which describes it. The kernel and the loader go by the program headers alone, so that what
 * runs is the same to the byte. Done here and not by `strip`, so that packing needs nothing that npm does not bring.
 * What is lost are gdb's names of internal functions; names of exported ones stay.
 * @throws {Error} it is no 64-bit little-endian ELF file, or something that is loaded would be cut off
 */
export function strip(executable: Buffer): Buffer {
  const elf = new ElfImage(executable);
  const end = elf.loadedEnd;
  const sections = elf.sectionsOffset;
  if (end < headerSize || end > executable.length || (sections !== 0 && sections < end)) {
    throw new Error('its sections do not lie behind its segments, so that it cannot be stripped');
  }
  const stripped = Buffer.from(executable.subarray(0, end));
  new ElfImage(stripped).dropSections();
  return stripped;
}
