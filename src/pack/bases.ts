/** A release of Ubuntu that the charm runs on, with what decides that: the versions of its C and C++ libraries. */
export interface Base {
  /** As Juju names it. */
  readonly channel: string;
  readonly glibc: string;
  readonly glibcxx: string;
}

/**
 * The bases in the manifest; the newest one gives the file its name. Both run on every Juju that the charm assumes, and
 * nothing in the charm depends on which one it is: Node 26 would start on anything from glibc 2.28. Older releases have
 * left Ubuntu's standard support. Newer ones are added when each supported Juju knows them.
 */
export const bases: readonly [newest: Base, ...Base[]] = [
  { channel: '24.04', glibc: '2.39', glibcxx: '3.4.33' },
  { channel: '22.04', glibc: '2.35', glibcxx: '3.4.30' },
];
