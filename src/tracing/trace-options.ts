import type { Attributes } from '@opentelemetry/api';

/** One trace, and where it goes. */
export interface TraceOptions {
  /** Of the root span. */
  readonly name: string;
  readonly attributes: Attributes;
  /** Who it is that does all this: attributes of the resource. */
  readonly resource: Attributes;
  /** Of an endpoint for OTLP over HTTP, without a slash at its end; null while it is not known: then all is kept. */
  readonly baseUrl: string | null;
  /** Where traces are kept that can't be sent yet; made when it is needed. Nobody else's folder. */
  readonly folder: string;
}
