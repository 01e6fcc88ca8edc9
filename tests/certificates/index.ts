import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate of this folder, in PEM; `make` says how they were made. */
export function certificate(name: 'ca' | 'other-ca' | ServerName): string {
  return readFileSync(join(import.meta.dirname, `${name}.pem`), 'utf8');
}

/** `loopback` is for 127.0.0.1, `elsewhere` for grafana.example, `expired` was for 127.0.0.1. All signed by `ca`. */
export type ServerName = 'loopback' | 'elsewhere' | 'expired';

/** What a server needs to be known by this certificate. */
export function serverTls(name: ServerName): { cert: string; key: string } {
  return {
    cert: certificate(name),
    key: readFileSync(join(import.meta.dirname, `${name}.key.pem`), 'utf8'),
  };
}
