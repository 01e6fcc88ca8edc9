import type { EventEmitter } from 'node:events';
import type { DescMethod } from '@bufbuild/protobuf';
import type { Metadata } from '@grpc/grpc-js';
import { RpcError } from './errors.ts';
import { GrpcRequestMetadata, type RequestMetadata } from './metadata.ts';

/** What a method may know of the call that it answers. */
export interface Call {
  /** Full name, as in 'grpc.health.v1.Health' */
  readonly service: string;
  /** As in the .proto file: 'Check' */
  readonly method: string;
  readonly kind: DescMethod['methodKind'];
  readonly metadata: RequestMetadata;
  /**
   * Aborted when the answer is of no use any more: the client cancelled or is gone, the deadline has passed, the server
   * stops. Its reason is an `RpcError` with `CANCELLED` or `DEADLINE_EXCEEDED`. Not aborted by the end of the method.
   */
  readonly signal: AbortSignal;
  readonly deadline: Date | undefined;
}

/** What is used here of the call objects of grpc-js, which are of four kinds. */
export interface SurfaceCall extends EventEmitter {
  readonly metadata: Metadata;
  readonly cancelled: boolean;
  getDeadline(): Date | number;
}

/**
 * A call in progress. Thousands are made each second and most methods look at nothing of it: what costs something is
 * made when it is first read.
 */
export class LiveCall implements Call {
  readonly #method: DescMethod;
  readonly #call: SurfaceCall;
  #metadata: RequestMetadata | undefined;
  #controller: AbortController | undefined;
  #reason: RpcError | undefined;
  #finished = false;

  constructor(method: DescMethod, call: SurfaceCall) {
    this.#method = method;
    this.#call = call;
  }

  get service(): string {
    return this.#method.parent.typeName;
  }

  get method(): string {
    return this.#method.name;
  }

  get kind(): DescMethod['methodKind'] {
    return this.#method.methodKind;
  }

  get metadata(): RequestMetadata {
    this.#metadata ??= new GrpcRequestMetadata(this.#call.metadata);
    return this.#metadata;
  }

  get deadline(): Date | undefined {
    const deadline = this.#call.getDeadline();
    if (typeof deadline !== 'number') return deadline;
    return Number.isFinite(deadline) ? new Date(deadline) : undefined;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.cancelled) this.cancel();
      else if (!this.#finished) this.#call.once('cancelled', () => this.cancel());
    }
    return this.#controller.signal;
  }

  /** Whether the client is gone, or was told that its deadline has passed. */
  get cancelled(): boolean {
    return !this.#finished && (this.#reason !== undefined || this.#call.cancelled);
  }

  /** Why, when it is cancelled. */
  get reason(): RpcError {
    this.#reason ??=
      this.deadline !== undefined && this.deadline.getTime() <= Date.now()
        ? new RpcError('DEADLINE_EXCEEDED', 'the deadline of the call has passed')
        : new RpcError('CANCELLED', 'the call was cancelled');
    return this.#reason;
  }

  cancel(): void {
    if (this.#finished) return;
    const { reason } = this;
    this.#controller?.abort(reason);
  }

  /** Its method is done. grpc-js says 'cancelled' of every call in the end, which means nothing from here on. */
  finish(): void {
    this.#finished = true;
  }
}
