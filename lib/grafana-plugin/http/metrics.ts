/** What the plugin's requests are counted by. */
export interface HttpLabels {
  /** The plugin's id, without what no Prometheus label may hold. */
  readonly datasourceType: string;
  readonly secureSocksProxyEnabled: boolean;
  /** Of the call that made the request; `''` outside of any. */
  readonly endpoint: string;
}

/** `sent` is followed by one of `answered` and `failed`; `answered` by `read`, when the body was read or given up. */
export type HttpEvent = HttpLabels &
  (
    | { readonly kind: 'sent' }
    | {
        readonly kind: 'answered';
        readonly code: number;
        /** In lower case, as Go's metrics have it. */
        readonly method: string;
        /** Until the headers of the answer. */
        readonly durationSeconds: number;
      }
    | { readonly kind: 'failed' }
    | { readonly kind: 'read'; readonly sizeBytes: number }
  );

/** Where requests are counted. Must not throw. */
export interface HttpMetrics {
  observe(event: HttpEvent): void;
}
