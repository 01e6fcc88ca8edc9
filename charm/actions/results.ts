import { type HookTools, isHookToolError } from '#lib/juju';
import type { Format } from './format.ts';

/** Where hook tools are processes: Linux takes no argument of 128 KiB or more, key included; some room is left. */
const limitBytes = 127 * 1024;
const limitText = 'a result can have 128 KiB on this unit';

/**
 * Sets the results of an action. Over the agent's socket they have any size. Where that is out of reach, text that is
 * too long is cut and says so; JSON would be of no use then, so the action fails, with all that is short enough.
 */
export async function setResults(
  tools: HookTools,
  format: Format,
  results: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    await tools.actionSet(results);
  } catch (error) {
    if (!isHookToolError(error, 'TOO_LARGE')) throw error;
    const entries = Object.entries(results);
    if (format === 'text') {
      await tools.actionSet(Object.fromEntries(entries.map(([key, value]) => [key, cut(value)])));
      return;
    }
    await tools.actionSet(Object.fromEntries(entries.filter(([, value]) => isShort(value))));
    const long = entries.filter(([, value]) => !isShort(value));
    const sizes = long.map(([key, value]) => `${key} has ${Math.ceil(Buffer.byteLength(value) / 1024)} KiB`);
    await tools.actionFail(`${sizes.join(', ')}, and ${limitText}: use format=text, which is cut to that`);
  }
}

function isShort(value: string): boolean {
  return Buffer.byteLength(value) <= limitBytes;
}

/** Whole lines from the start, as many as there is room for. */
function cut(text: string): string {
  if (isShort(text)) return text;
  const lines = text.split('\n');
  let bytes = 0;
  const kept = lines.findIndex((line) => {
    bytes += Buffer.byteLength(line) + 1;
    return bytes > limitBytes;
  });
  return [...lines.slice(0, kept), `... ${lines.length - kept} more lines: ${limitText}`].join('\n');
}
