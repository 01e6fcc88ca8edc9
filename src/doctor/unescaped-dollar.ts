/** @see grafana/grafana: pkg/services/provisioning/values/values.go, which expands as Go's os.Expand does */
export function hasUnescapedDollar(text: string): boolean {
  return /\$[A-Za-z0-9_{*#@!?-]/.test(text.replaceAll('$$', ''));
}
