/**
 * Removes a folder of traces that wait, for when there is nobody to take them any more. Never fails: what can't be
 * removed goes to whoever takes traces next.
 */
export function forgetTraces(folder: string): void {
  // Not imported: hardly any hook has traces to forget.
  const { rmSync } = process.getBuiltinModule('node:fs');
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // It is no reason for a hook to fail.
  }
}
