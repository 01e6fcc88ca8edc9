import * as z from 'zod';
import { json } from '#lib/juju';

const text = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\p{Cc}]+$/u, 'has control characters');

/** OTLP as protobuf or JSON over HTTP: the one protocol that crosslink sends. Others are for whoever asks for them. */
export const otlpHttp = 'otlp_http';

/** Where the provider takes traces in one protocol. The names of protocols and transports are open sets. */
export const Receiver = z.object({
  protocol: z.object({ name: text, type: text }),
  url: text,
});
export type Receiver = z.infer<typeof Receiver>;

/** Far more protocols than there are. */
const most = 100;

/** Written by the application that sends traces. */
export const RequestKeys = { receivers: json.pipe(z.array(text).max(most)) } as const;

/** Written by the tracing backend. Each entry is read by itself, so that a bad one does not cost the others. */
export const AnswerKeys = { receivers: json.pipe(z.array(z.unknown()).max(most)) } as const;
