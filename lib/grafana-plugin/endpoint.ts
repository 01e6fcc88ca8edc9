/** What Grafana can call, as it stands in logs, metrics and traces. */
export type Endpoint =
  | 'queryData'
  | 'queryChunkedData'
  | 'callResource'
  | 'checkHealth'
  | 'collectMetrics'
  | 'subscribeStream'
  | 'publishStream'
  | 'runStream'
  | 'validateAdmission'
  | 'mutateAdmission'
  | 'convertObjects';
