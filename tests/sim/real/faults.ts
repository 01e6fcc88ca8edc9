import { shuffled } from '../../../lib/juju-local/random.ts';

/** What a proxy does wrong to one connection. */
export type Fault =
  /** Nobody listens for a time: the system itself refuses whoever comes. */
  | { readonly kind: 'refuse'; readonly forMs: number }
  /** Accepts and never answers. `applied`: what was asked is carried out nevertheless. */
  | { readonly kind: 'silent'; readonly applied: boolean }
  /** Resets both sides when this much of the requests has been passed on. */
  | { readonly kind: 'reset-request'; readonly afterBytes: number }
  /** Resets when this much of the answers has been passed on: what was asked is done, and the asker can't know. */
  | { readonly kind: 'reset-answer'; readonly afterBytes: number }
  /** Passes on nothing for a while. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Passes answers on in small pieces. */
  | { readonly kind: 'drip'; readonly bytes: number; readonly everyMs: number }
  /** Closes a kept-alive connection after its first answer: at once, or on top of the next request. */
  | { readonly kind: 'cut-idle'; readonly when: 'at-once' | 'next-request' }
  /** Answers this in place of Grafana. `applied`: what was asked is carried out nevertheless. */
  | { readonly kind: 'garbage'; readonly answer: string; readonly applied: boolean };

export type FaultKind = Fault['kind'];

export const faultKinds = [
  'refuse',
  'silent',
  'reset-request',
  'reset-answer',
  'delay',
  'drip',
  'cut-idle',
  'garbage',
] as const satisfies readonly FaultKind[];

const html = '<html><body><h1>It works!</h1></body></html>';

const garbage = [
  `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: ${html.length}\r\n\r\n${html}`,
  `HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: ${html.length}\r\n\r\n${html}`,
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n[{"uid":"',
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4096\r\n\r\n{"message":',
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
  'SSH-2.0-OpenSSH_9.6\r\n',
  '\u0000\u0001\u0002\u0003',
];

/**
 * Faults for the connections of one proxy, one after another: the same ones for the same numbers. The kinds take turns
 * in random order, so that few connections meet many of them. Silence is rationed: a hook waits 10 s for its end.
 * @param share - of connections that something happens to
 * @param silences - how many connections at most are never answered
 * @returns undefined for a connection that nothing happens to
 */
export function randomFaults(
  random: () => number,
  { share, silences }: { share: number; silences: number },
): () => Fault | undefined {
  let silencesLeft = silences;
  let turns: FaultKind[] = [];
  return () => {
    if (random() >= share) return undefined;
    if (turns.length === 0) turns = shuffled(faultKinds, random);
    let kind = turns.pop() ?? 'delay';
    if (kind === 'silent') {
      silencesLeft -= 1;
      if (silencesLeft < 0) kind = 'reset-answer';
    }
    return faultOf(kind, random);
  };
}

/** Faults for a Grafana that is away altogether: every connection ends in an error, and soon. */
export function outage(random: () => number): () => Fault {
  return () => {
    const kinds = ['reset-request', 'reset-answer', 'garbage'] as const;
    const kind = kinds[Math.floor(random() * kinds.length)] ?? 'reset-answer';
    return kind === 'garbage' ? faultOf(kind, random) : { kind, afterBytes: 0 };
  };
}

function faultOf(kind: FaultKind, random: () => number): Fault {
  const upTo = (most: number) => Math.floor(random() * most);
  const maybe = () => random() < 0.5;
  switch (kind) {
    case 'refuse':
      return { kind, forMs: 100 + upTo(900) };
    case 'silent':
      return { kind, applied: maybe() };
    case 'reset-request':
      // Past most heads, and into most bodies.
      return { kind, afterBytes: maybe() ? upTo(200) : 200 + upTo(500) };
    case 'reset-answer':
      return { kind, afterBytes: maybe() ? 0 : upTo(400) };
    case 'delay':
      return { kind, ms: 50 + upTo(450) };
    case 'drip':
      return { kind, bytes: 10 + upTo(90), everyMs: 1 + upTo(10) };
    case 'cut-idle':
      return { kind, when: maybe() ? 'at-once' : 'next-request' };
    case 'garbage':
      return { kind, answer: garbage[upTo(garbage.length)] ?? '', applied: maybe() };
  }
}
