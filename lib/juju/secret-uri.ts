const shape = /^(?:secret:(?:\/\/[0-9a-f-]{36}\/)?)?([a-z0-9]{20})$/;

/**
 * @param uri - `secret:<id>`, `secret://<model uuid>/<id>` or a bare id
 * @returns the bare id, 20 characters of `[a-z0-9]`; undefined when it is no secret's URI
 */
export function secretIdOf(uri: string): string | undefined {
  return shape.exec(uri)?.[1];
}
