/**
 * Tags of Jaeger's model for what OTLP has fields for.
 * @see jaegertracing/jaeger: internal/jptrace/attributes.go
 * @see open-telemetry/opentelemetry-collector-contrib: pkg/translator/jaeger
 */
export const SERVICE_NAME = 'service.name';
export const SPAN_KIND = 'span.kind';
export const ERROR = 'error';
export const STATUS_CODE = 'otel.status_code';
export const STATUS_DESCRIPTION = 'otel.status_description';
export const HTTP_STATUS_MESSAGE = 'http.status_message';
export const TRACE_STATE = 'w3c.tracestate';
export const SCOPE_NAME = 'otel.scope.name';
export const SCOPE_VERSION = 'otel.scope.version';
/** Field of a log. */
export const EVENT_NAME = 'event';
/** Attribute of a link. */
export const REFERENCE_TYPE = 'opentracing.ref_type';
export const CHILD_OF = 'child_of';
export const FOLLOWS_FROM = 'follows_from';
/** An array of strings. */
export const WARNINGS = '@jaeger@warnings';

/** Both models have this bit of the flags, of W3C's trace context; their others differ. */
export const SAMPLED_FLAG = 1;
