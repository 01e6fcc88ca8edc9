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
  'name-as-uid',
  'uid-too-long',
  'link-wrong-type',
  'exchange-foreign',
  'registered-twice',
  // How it is written.
  'databag-invalid',
  'databag-unordered',
  'extra-fields-unsafe',
  'dollar-not-escaped',
  'plaintext-secret',
  // Who should have written it.
  'unit-in-error',
] as const;
export type FindingCode = (typeof findingCodes)[number];

/** What is good to know. */
export const noteCodes = ['names-handed-out', 'other-side-unseen', 'application-unseen'] as const;
export type NoteCode = (typeof noteCodes)[number];

/** Reasons for a missing link that only an onlooker can give; the others are those of the charm's `explain`. */
export const doctorReasonCodes = ['not-written', 'not-visible'] as const;
export type DoctorReasonCode = (typeof doctorReasonCodes)[number];
