/** Where a stream is found: `scope/namespace/path`. A frame names it in `meta.channel`, and the browser subscribes. */
export interface LiveChannel {
  readonly scope: 'ds' | 'plugin' | (string & {});
  /** The datasource's UID for `ds`, the plugin's id for `plugin`. */
  readonly namespace: string;
  readonly path: string;
}

const limit = 160;

/**
 * @returns `ds/<uid>/<path>`
 * @throws {TypeError} for what Grafana takes for no channel
 */
export function datasourceChannel(uid: string, path: string): string {
  return formatChannel({ scope: 'ds', namespace: uid, path });
}

export function formatChannel({ scope, namespace, path }: LiveChannel): string {
  const channel = `${scope}/${namespace}/${path}`;
  parseChannel(channel);
  return channel;
}

/**
 * @throws {TypeError} with what is wrong
 * @see grafana/grafana-plugin-sdk-go: live/channel.go
 */
export function parseChannel(channel: string): LiveChannel {
  if (channel.length > limit) {
    throw new TypeError(`a channel has ${limit} characters at most, and this one ${channel.length}`);
  }
  const [, scope, namespace, path] = /^([\w.-]+)\/([\w.-]+)\/([\w./=-]+)$/.exec(channel) ?? [];
  if (scope === undefined || namespace === undefined || path === undefined) {
    throw new TypeError(
      `'${channel}' is no channel: scope/namespace/path, of letters, digits and _-. (in the path also = and /)`,
    );
  }
  return { scope, namespace, path };
}
