import type { ErrorSource } from './errors.ts';

export type RequestStatus = 'ok' | 'cancelled' | 'error';

/** How a call went. Answers that say of themselves that something went wrong set it; a throw does by itself. */
export interface Outcome {
  status: RequestStatus;
  source: ErrorSource;
}
