import type { StreamPacket } from './datasource.ts';
import { encodeArrow } from './frame/arrow-encode.ts';
import type { Frame } from './frame/frame.ts';
import { encodeFrameJson, type FrameInclude } from './frame/json-encode.ts';
import { DataFrameFormat } from './proto/backend_pb.ts';

/** The two forms of a frame that Grafana asks for. */
export type FrameFormat = DataFrameFormat;

/**
 * @param refId - of the query that the frame answers, for a frame that names none
 * @param include - for JSON only: each frame in Arrow is whole
 */
export function encodeFrame(
  frame: Frame,
  refId: string,
  format: FrameFormat,
  include: FrameInclude = 'all',
): Uint8Array {
  const named = frame.refId === '' ? { ...frame, refId } : frame;
  return format === DataFrameFormat.JSON ? encodeFrameJson(named, include) : encodeArrow(named);
}

/** Streams are JSON, whatever queries are. */
export function encodePacket(packet: StreamPacket): Uint8Array {
  if ('json' in packet) {
    const text = JSON.stringify(packet.json);
    // Grafana abandons a stream with a packet that is no JSON, and undefined has none.
    if (text === undefined) throw new TypeError('a packet has to be something that JSON has a word for');
    return Buffer.from(text);
  }
  return 'frame' in packet ? encodeFrameJson(packet.frame, packet.include) : encodeFrameJson(packet);
}
