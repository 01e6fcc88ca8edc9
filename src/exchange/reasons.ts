import type { LinkKind, Signal } from './correlations/correlation.ts';
import { datasourceType } from './datasource-types.ts';

/** Why a link is not there, or why it points where it does. Codes are stable: programs may branch on them. */
export const reasonCodes = [
  'no-grafana-relation',
  'grafana-silent',
  'grafana-without-uid',
  'no-exchange-relation',
  'peer-silent',
  'peer-not-registered',
  'no-suitable-peer',
  'other-grafana',
  'databag-invalid',
  'lost-to-equal',
  'kind-off',
  'pinned-application-absent',
  'set-by-operator',
  'removed-by-operator',
] as const;
export type ReasonCode = (typeof reasonCodes)[number];

export interface Reason {
  readonly code: ReasonCode;
  /** One sentence: what is the case. */
  readonly message: string;
  /** One imperative line: what the operator should do; empty when there is nothing to do. */
  readonly remedy: string;
}

/** Every reason there is, in the words that operators read. */
export const reason = {
  noGrafanaRelation: (): Reason => ({
    code: 'no-grafana-relation',
    message: 'not related to any Grafana',
    remedy: 'integrate endpoint grafana-source with a Grafana',
  }),
  grafanaSilent: (grafana: string): Reason => ({
    code: 'grafana-silent',
    message: `${grafana} has not answered with a UID yet`,
    remedy: `wait, or look at the status of ${grafana}`,
  }),
  grafanaWithoutUid: (grafana: string): Reason => ({
    code: 'grafana-without-uid',
    message: `${grafana} publishes no grafana_uid, so nobody can tell which Grafana it is`,
    remedy: `refresh ${grafana} to a charm that publishes grafana_uid`,
  }),
  noExchangeRelation: (types: readonly string[]): Reason => ({
    code: 'no-exchange-relation',
    message: 'no relation over which datasources are exchanged',
    remedy: `integrate receive-datasource with send-datasource of a ${either(types)}`,
  }),
  peerSilent: (peer: string): Reason => ({
    code: 'peer-silent',
    message: `${peer} has not published its datasources yet`,
    remedy: `wait, or look at the status of ${peer}`,
  }),
  peerWithout: (peer: string): Reason => ({
    code: 'peer-not-registered',
    message: `${peer} publishes no datasource: no Grafana has given it a UID`,
    remedy: `integrate ${peer} with the same Grafana`,
  }),
  noSuitablePeer: (types: readonly string[]): Reason => ({
    code: 'no-suitable-peer',
    message: `no peer has a datasource of type ${either(types)}`,
    remedy: `integrate receive-datasource with send-datasource of a ${either(types)}`,
  }),
  otherGrafana: (peer: string, theirs: readonly string[], self: string, ours: string): Reason => ({
    code: 'other-grafana',
    message: `${peer} is registered with ${theirs.join(' and ')}, ${self} with ${ours}`,
    remedy: `integrate ${peer} with ${ours}`,
  }),
  databagInvalid: (finding: string): Reason => ({
    code: 'databag-invalid',
    message: `can't be read: ${finding}`,
    remedy: 'report this to the authors of that charm; until it is mended the rest is used without it',
  }),
  lostToEqual: (app: string, uid: string, winnerApp: string, winnerUid: string): Reason => ({
    code: 'lost-to-equal',
    message: `${app} (${uid}) would do as well, but ${winnerApp} (${winnerUid}) comes first`,
    remedy: '',
  }),
  kindOff: (kind: LinkKind): Reason => ({
    code: 'kind-off',
    message: `config correlations does not list ${kind}`,
    remedy: `add ${kind} to config correlations`,
  }),
  pinnedAbsent: (signal: Signal, apps: readonly string[]): Reason => ({
    code: 'pinned-application-absent',
    message: `config ${signal}-app asks for ${apps.join(' or ')}, and there is no exchange relation with it`,
    remedy: `integrate receive-datasource with ${apps.join(' or ')}, or change config ${signal}-app`,
  }),
  setByOperator: (key: string, uid: string): Reason => ({
    code: 'set-by-operator',
    message: `config json-data points ${key} at ${uid}`,
    remedy: '',
  }),
  removedByOperator: (key: string): Reason => ({
    code: 'removed-by-operator',
    message: `config json-data takes the link out of ${key}`,
    remedy: `take ${key} out of config json-data`,
  }),
} as const;

/** `loki, elasticsearch or opensearch`: plugin ids in the operator's words. */
function either(types: readonly string[]): string {
  const names = types.map(datasourceType);
  return [names.slice(0, -1).join(', '), names.at(-1)].filter((part) => part !== '').join(' or ');
}
