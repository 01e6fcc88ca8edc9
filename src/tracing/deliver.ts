import type { TraceBuffer } from './buffer.ts';

/** What became of one request. `away`: it may be taken later. `refused`: it never will be. */
export type SendOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'away';
      readonly reason: string;
      /** Time alone will not mend it: somebody has to know. */
      readonly needsAttention: boolean;
    };

/** Sends one request; never throws. */
export type Send = (body: Uint8Array, signal: AbortSignal) => Promise<SendOutcome>;

export interface Delivery {
  /** Requests that the endpoint took, older ones included. */
  readonly sent: number;
  /** Why the rest waits; null when nothing does. */
  readonly away: { readonly reason: string; readonly needsAttention: boolean } | null;
  /** Traces that are lost, and why, one line for each reason. */
  readonly lost: readonly string[];
}

/**
 * Sends what waits, oldest first, and then this request. Once one is not taken the rest waits for the next hook.
 * @param body - undefined when there is only what waits
 * @param send - null while nobody knows where to
 * @param signal - aborted when the time is up
 */
export async function deliver(
  body: Uint8Array | undefined,
  buffer: TraceBuffer,
  send: Send | null,
  signal: AbortSignal,
): Promise<Delivery> {
  let sent = 0;
  let away: Delivery['away'] = send === null ? notAnswered : null;
  const lost: string[] = [];
  const attempt = async (request: Uint8Array): Promise<boolean> => {
    if (send === null || away !== null) return false;
    const outcome: SendOutcome = signal.aborted ? timeIsUp : await send(request, signal);
    if (outcome.kind === 'away') {
      away = outcome;
      return false;
    }
    if (outcome.kind === 'sent') sent += 1;
    else lost.push(`the tracing endpoint refuses a trace: ${outcome.reason}`);
    return true;
  };

  for (const name of send === null ? [] : buffer.waiting()) {
    const older = buffer.read(name);
    if (older === undefined) continue;
    if (!(await attempt(older))) break;
    buffer.remove(name);
  }
  if (body !== undefined && !(await attempt(body))) {
    try {
      const dropped = buffer.add(body);
      if (dropped > 0) lost.push(`no room to keep more traces: ${dropped} of the oldest dropped`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      lost.push(`the trace of this hook can't be kept: ${why}`);
    }
  }
  return { sent, away, lost };
}

const notAnswered = { reason: 'the tracing endpoint is not known yet', needsAttention: false };
const timeIsUp: SendOutcome = { kind: 'away', reason: 'no time left', needsAttention: false };
