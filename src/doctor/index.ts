/**
 * Looks at deployments as they are, whichever charms they run, and says what is linked, what is not, and what is wrong.
 */
export {
  type DoctorReasonCode,
  doctorReasonCodes,
  type FindingCode,
  findingCodes,
  liveFindingCodes,
  type NoteCode,
  noteCodes,
} from './codes.ts';
export type { Deployment } from './deployment.ts';
export { diagnose } from './diagnose.ts';
export { type GrafanaOfModels, handedOut } from './handed-out.ts';
export { deploymentOf } from './juju/deployment-of.ts';
export type { ModelInput } from './juju/model-input.ts';
export { readLive } from './juju/read-live.ts';
export { limitBytes, readJujuFiles, readSavedFile, type SavedReading } from './read-files.ts';
export type {
  RelationName,
  Report,
  ReportDatasource,
  ReportFinding,
  ReportGrafana,
  ReportLink,
  ReportLinkEnd,
  ReportModel,
  ReportNote,
  ReportReason,
  Where,
} from './report.ts';
export { savedText } from './saved.ts';
export { groupsOf, mostPlaces, type Names, namesOf } from './statements.ts';
