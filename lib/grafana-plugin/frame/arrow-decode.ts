import type { Frame } from './frame.ts';

/**
 * Decode an Arrow IPC file with one frame, as Grafana and its SDKs write it. Numbers and times may share memory with
 * `file`. Asynchronous because the Arrow library is loaded first, which a plugin that only encodes never needs.
 * @param file - may come from anywhere
 * @throws {FrameError} `UNREADABLE`, or `BAD_SCHEMA` for labels, config or meta that are not what they should be
 */
export async function decodeArrow(file: Uint8Array): Promise<Frame> {
  const { readArrow } = await import('./arrow-read.ts');
  return readArrow(file);
}
