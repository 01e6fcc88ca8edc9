import * as z from 'zod';
import { lazily } from '../lazily.ts';
import { builtIn, GobError, type GobField, type GobValue, isStruct } from './gob.ts';
import { GobWriter, type WriteField } from './gob-writer.ts';

/**
 * The messages between a hook tool and its unit agent: one call of Go's `net/rpc`, method `Jujuc.Main`.
 * @see juju/juju: cmd/jujuc/main.go, worker/uniter/runner/jujuc/server.go
 */

/** What a tool asks. */
export interface JujucRequest {
  readonly contextId: string;
  /** Absolute: what relative paths among the arguments start from. */
  readonly dir: string;
  readonly command: string;
  /** Without the command. */
  readonly args: readonly string[];
  /** Undefined: none was read. A tool that needs it answers {@link stdinWanted} then. */
  readonly stdin: string | undefined;
  /** Only Juju 2.7 to 3.6 looks at it, and only over TCP. */
  readonly token: string;
}

/** What the agent answers. */
export interface JujucReply {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** The agent's error for a call without the stdin that its tool reads: send the call again, with it. */
export const stdinWanted = 'hook tool requires stdin, none supplied';

/** The agent's error for a call of nothing: a way to ask whether it is an agent that has no effect. */
export const commandWanted = 'bad request: command not specified';

const method = 'Jujuc.Main';

// Ids are each sender's own; the receiver goes by the names of fields.
const ids = { header: 65, body: 66, list: 67 } as const;

const requestHeader: readonly GobField[] = [
  { name: 'ServiceMethod', type: builtIn.string },
  { name: 'Seq', type: builtIn.uint },
];
const requestBody: readonly GobField[] = [
  { name: 'ContextId', type: builtIn.string },
  { name: 'Dir', type: builtIn.string },
  { name: 'CommandName', type: builtIn.string },
  { name: 'Args', type: ids.list },
  { name: 'StdinSet', type: builtIn.bool },
  { name: 'Stdin', type: builtIn.bytes },
  { name: 'Token', type: builtIn.string },
];
const replyHeader: readonly GobField[] = [...requestHeader, { name: 'Error', type: builtIn.string }];
const replyBody: readonly GobField[] = [
  { name: 'Code', type: builtIn.int },
  { name: 'Stdout', type: builtIn.bytes },
  { name: 'Stderr', type: builtIn.bytes },
];

/** Writes calls: definitions go before the first one on a connection. */
export class RequestEncoder {
  readonly #writer = new GobWriter();
  #first = true;

  encode(seq: number, { contextId, dir, command, args, stdin, token }: JujucRequest): Uint8Array {
    const out = this.#writer;
    if (this.#first) out.defineStruct(ids.header, 'Request', requestHeader);
    out.value(ids.header, () =>
      out.struct([() => out.bytes(method), seq === 0 ? undefined : () => out.uint(seq)]),
    );
    if (this.#first) {
      out.defineStruct(ids.body, 'Request', requestBody);
      out.defineSlice(ids.list, '[]string', builtIn.string);
    }
    out.value(ids.body, () =>
      out.struct([
        bytes(out, contextId),
        bytes(out, dir),
        bytes(out, command),
        args.length === 0 ? undefined : () => out.list(args),
        stdin === undefined ? undefined : () => out.uint(1),
        bytes(out, stdin ?? ''),
        bytes(out, token),
      ]),
    );
    this.#first = false;
    return out.take();
  }
}

/** Writes answers: definitions go before the first one on a connection. */
export class ReplyEncoder {
  readonly #writer = new GobWriter();
  #first = true;

  /** @param outcome - the reply, or the text of an error of the call itself */
  encode(seq: bigint, outcome: JujucReply | string): Uint8Array {
    const out = this.#writer;
    if (this.#first) out.defineStruct(ids.header, 'Response', replyHeader);
    out.value(ids.header, () =>
      out.struct([
        () => out.bytes(method),
        seq === 0n ? undefined : () => out.uint(seq),
        typeof outcome === 'string' ? bytes(out, outcome) : undefined,
      ]),
    );
    if (this.#first) out.defineStruct(ids.body, 'ExecResponse', replyBody);
    // An error is followed by an empty body all the same.
    out.value(ids.body, () => out.struct(typeof outcome === 'string' ? [] : replyFields(out, outcome)));
    this.#first = false;
    return out.take();
  }
}

function replyFields(out: GobWriter, { code, stdout, stderr }: JujucReply): WriteField[] {
  return [code === 0 ? undefined : () => out.int(code), bytes(out, stdout), bytes(out, stderr)];
}

const Bytes = lazily(() => z.instanceof(Uint8Array).default(() => new Uint8Array()));

const RequestHeader = lazily(() =>
  z.object({ ServiceMethod: z.string().default(''), Seq: z.bigint().default(0n) }),
);
const RequestBody = lazily(() =>
  z.object({
    ContextId: z.string().default(''),
    Dir: z.string().default(''),
    CommandName: z.string().default(''),
    Args: z.array(z.string()).default([]),
    StdinSet: z.boolean().default(false),
    Stdin: Bytes(),
    Token: z.string().default(''),
  }),
);
/** @throws {z.ZodError} the values are no call */
export function readRequest(
  header: GobValue,
  body: GobValue,
): { seq: bigint; method: string; request: JujucRequest } {
  const { Seq, ServiceMethod } = RequestHeader().parse(header);
  const { ContextId, Dir, CommandName, Args, StdinSet, Stdin, Token } = RequestBody().parse(body);
  return {
    seq: Seq,
    method: ServiceMethod,
    request: {
      contextId: ContextId,
      dir: Dir,
      command: CommandName,
      args: Args,
      stdin: StdinSet ? Buffer.from(Stdin).toString() : undefined,
      token: Token,
    },
  };
}

/**
 * By hand, and not by a schema: a hook reads hundreds of answers, and they would take a tenth of its time.
 * @throws {GobError} the values are no answer, or one with more in it than is known here
 */
export function readReply(
  header: GobValue,
  body: GobValue,
): { seq: bigint; error: string; reply: JujucReply } {
  const { ServiceMethod = '', Seq = 0n, Error: error = '', ...unknownHeader } = fieldsOf(header);
  const { Code = 0n, Stdout = nothing, Stderr = nothing, ...unknownBody } = fieldsOf(body);
  // An agent sends no zeros: one that calls its fields otherwise must not pass for one that says 'all is well'.
  const [strange] = [...Object.keys(unknownHeader), ...Object.keys(unknownBody)];
  if (strange !== undefined) throw new GobError(`the answer is of another form: it has '${strange}'`);
  if (
    typeof ServiceMethod === 'string' &&
    typeof Seq === 'bigint' &&
    typeof error === 'string' &&
    typeof Code === 'bigint' &&
    Stdout instanceof Uint8Array &&
    Stderr instanceof Uint8Array
  ) {
    return { seq: Seq, error, reply: { code: Number(Code), stdout: Stdout, stderr: Stderr } };
  }
  throw new GobError('the answer is of another form: a field has another type');
}

const nothing = new Uint8Array();

function fieldsOf(value: GobValue): { readonly [field: string]: GobValue } {
  if (isStruct(value)) return value;
  throw new GobError('the answer is of another form: it is no struct');
}

export { method as jujucMethod };

/** Gob does not send an empty one. */
function bytes(out: GobWriter, value: string | Uint8Array): WriteField {
  return value.length === 0 ? undefined : () => out.bytes(value);
}
