export {
  type DynamicEntry,
  dt,
  ElfImage,
  headerSize,
  pt,
  type Segment,
  segmentSize,
  symbolSize,
  writeSegments,
} from './elf-image.ts';
