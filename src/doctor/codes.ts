/** What can be wrong. Codes are stable: programs may branch on them. */
export const findingCodes = [
  // Somebody says nothing, or less than the others need.
  'nothing-written',
  'source-silent',
  'source-without-url',
  'grafana-silent',
  'grafana-without-uid',
  'generation-mismatch',
  'unit-without-uid',
  'exchange-silent',
  'exchange-one-generation',
  'exchange-incomplete',
  // What was true once.
  'grafana-uid-changed',
  'stale-unit',
  'exchange-outdated',
  // UIDs that lead nowhere, or to the wrong place.
  'uid-of-other-grafana',
  'uid-unknown',
  'uid-dangling',
  'name-as-uid',
  'uid-too-long',
  'link-wrong-type',
  'link-to-itself',
  'exchange-foreign',
  'registered-twice',
  // How it is written.
  'databag-invalid',
  'databag-unordered',
  'extra-fields-unsafe',
  'dollar-not-escaped',
  'dollar-doubled',
  'plaintext-secret',
  // Who should have written it.
  'unit-in-error',
  // What nobody has written, and could.
  'could-be-linked',
] as const;
export type FindingCode = (typeof findingCodes)[number];

/** Those that only a look at Grafana itself can give. */
export const liveFindingCodes = [
  'uid-dangling',
  'link-to-itself',
  'dollar-doubled',
  'could-be-linked',
] as const satisfies readonly FindingCode[];

/** What is good to know. */
export const noteCodes = ['names-handed-out', 'other-side-unseen', 'application-unseen'] as const;
export type NoteCode = (typeof noteCodes)[number];

/** Reasons for a missing link that only an onlooker can give; the others are those of the charm's `explain`. */
export const doctorReasonCodes = [
  'not-written',
  'not-visible',
  'could-be-linked',
  'several-candidates',
  'no-datasource',
] as const;
export type DoctorReasonCode = (typeof doctorReasonCodes)[number];
