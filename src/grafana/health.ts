import * as z from 'zod';
import type { Http, HttpAnswer } from './http.ts';
import { LaxString } from './json.ts';
import { read, segment } from './resource.ts';

const HealthBody = z.object({ database: z.string(), version: LaxString, commit: LaxString });

/** The state of Grafana itself. `version` and `commit` are '' where Grafana hides them. */
export interface GrafanaHealth {
  /** Whether Grafana reaches its database. */
  ok: boolean;
  version: string;
  commit: string;
}

/**
 * What a datasource's own plugin says of it:
 * - `ok`: it reached its server.
 * - `error`: it did not, or doubts it; `message` says why.
 * - `unsupported`: it can't tell (no health check, no backend, not installed). That is no sign of a bad config.
 * - `failed`: Grafana could not carry out the check, also when it doesn't know the uid.
 */
export interface DatasourceHealth {
  status: 'ok' | 'error' | 'unsupported' | 'failed';
  message: string;
}

const DatasourceHealthBody = z.object({
  status: z.string().optional(),
  message: LaxString,
  messageId: z.string().optional(),
  traceID: z.string().optional(),
});

export interface Health {
  /** Asks without credentials. @throws {GrafanaApiError} */
  health(): Promise<GrafanaHealth>;
  /** Takes as long as the datasource's server takes. @throws {GrafanaApiError} */
  datasourceHealth(uid: string): Promise<DatasourceHealth>;
}

/** Health of Grafana and of a datasource. @see grafana/grafana: pkg/api/{health,plugins}.go, pkg/plugins/errors.go */
export function health(http: Http): Health {
  return {
    async health() {
      const call = { method: 'GET', path: '/api/health' };
      // 503 is an answer too: Grafana lives, its database doesn't. A load balancer's 503 has another form.
      const accepts = ({ status, json }: HttpAnswer) => status === 503 && HealthBody.safeParse(json).success;
      const body = read(HealthBody, await http({ ...call, anonymous: true, accepts }), call);
      return { ok: body.database === 'ok', version: body.version, commit: body.commit };
    },
    async datasourceHealth(uid) {
      const call = { method: 'GET', path: `/api/datasources/uid/${segment(uid)}/health` };
      // Grafana looks the datasource up in a cache of five seconds unless told not to.
      const headers = { 'x-grafana-nocache': 'true' };
      const answer = await http({ ...call, headers, accepts: isHealthAnswer });
      const body = read(DatasourceHealthBody, answer, call);
      return { status: verdict(answer.status, body), message: body.message };
    },
  };
}

/** Whether Grafana speaks, rather than something before it that can't reach it. */
function isHealthAnswer({ status, json }: HttpAnswer): boolean {
  const body = DatasourceHealthBody.safeParse(json).data;
  if (body === undefined) return false;
  if (status === 503) return body.messageId !== undefined || body.traceID !== undefined;
  return [400, 404, 500, 501].includes(status);
}

function verdict(
  httpStatus: number,
  { status, messageId }: z.infer<typeof DatasourceHealthBody>,
): DatasourceHealth['status'] {
  if (httpStatus === 200) return status === 'OK' ? 'ok' : 'error';
  if (httpStatus === 400) return status === undefined ? 'failed' : 'error';
  if (httpStatus !== 500) return 'unsupported'; // 404, 501 and 503 by version: no plugin, no check, no backend
  return messageId === 'plugin.unavailable' ? 'unsupported' : 'failed';
}
