import * as z from 'zod';
import { json, lazily } from '#lib/juju';

const text = lazily(() =>
  z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^\p{Cc}]+$/u, 'has control characters'),
);

/** OTLP as protobuf or JSON over HTTP: the one protocol that crosslink sends. Others are for whoever asks for them. */
export const otlpHttp = 'otlp_http';

/** Where the provider takes traces in one protocol. The names of protocols and transports are open sets. */
export const Receiver = lazily(() =>
  z.object({
    protocol: z.object({ name: text(), type: text() }),
    url: text(),
  }),
);
export type Receiver = z.infer<ReturnType<typeof Receiver>>;

/** Far more protocols than there are. */
const most = 100;

const requested = lazily(() => json.pipe(z.array(text()).max(most)));
const answered = lazily(() => json.pipe(z.array(z.unknown()).max(most)));

/** Written by the application that sends traces. */
export const RequestKeys = {
  get receivers() {
    return requested();
  },
} as const;

/** Written by the tracing backend. Each entry is read by itself, so that a bad one does not cost the others. */
export const AnswerKeys = {
  get receivers() {
    return answered();
  },
} as const;
