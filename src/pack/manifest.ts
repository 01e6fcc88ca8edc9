import { stringify } from 'yaml';
import type { Architecture } from './architecture.ts';
import { bases } from './bases.ts';

/**
 * `manifest.yaml`: the bases are what makes it a charm of format v2, and all of it that Juju reads.
 * @see juju/juju: internal/charm/manifest.go
 */
export function manifest(architecture: Architecture): string {
  return stringify({
    bases: bases.map(({ channel }) => ({ name: 'ubuntu', channel, architectures: [architecture] })),
  });
}
