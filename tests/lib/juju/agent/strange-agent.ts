import { createConnection, createServer, type Socket } from 'node:net';
import { GobDecoder, type JujucReply, ReplyEncoder } from '#lib/juju/agent';

/** What listens where an agent should. Close it. */
export interface StrangeAgent {
  /** How often it was connected to, and how many of these connections are open. */
  readonly connections: { made: number; open: number };
  close(): void;
}

/** Listens at `path`, and does with each connection what `react` does. */
export async function strangeAgent(
  path: string,
  react: (connection: Socket, nth: number) => void,
): Promise<StrangeAgent> {
  const connections = { made: 0, open: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((connection) => {
    connections.made += 1;
    connections.open += 1;
    sockets.add(connection);
    connection.on('error', () => {});
    connection.on('close', () => {
      connections.open -= 1;
      sockets.delete(connection);
    });
    react(connection, connections.made);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    connections,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Answers the calls of a connection one by one with these, and hangs up when there are no more. */
export function answers(...given: (JujucReply | string | Uint8Array)[]): (connection: Socket) => void {
  return (connection) => {
    const left = [...given];
    const decoder = new GobDecoder();
    const encoder = new ReplyEncoder();
    let values = 0;
    let seq = 0n;
    connection.on('data', (chunk: Buffer) => {
      decoder.push(chunk);
      while (decoder.next() !== undefined) values += 1;
      for (; values >= 2; values -= 2) {
        const answer = left.shift();
        if (answer === undefined) connection.destroy();
        else connection.write(answer instanceof Uint8Array ? answer : encoder.encode(seq, answer));
        seq += 1n;
      }
    });
  };
}

/**
 * Passes all on to the agent at `path`, but on the first connection hangs up in place of the nth piece of replies; 0:
 * of none.
 */
export function cutBefore(path: string, lost: number): (connection: Socket, nth: number) => void {
  return (connection, nth) => {
    const agent = createConnection({ path });
    let replies = 0;
    connection.pipe(agent);
    connection.on('close', () => agent.destroy());
    agent.on('error', () => connection.destroy());
    agent.on('close', () => connection.destroy());
    // What is answered here is small: no reply is cut in two, though one chunk may hold several.
    agent.on('data', (chunk) => {
      replies += 1;
      if (nth === 1 && replies === lost) connection.destroy();
      else connection.write(chunk);
    });
  };
}
