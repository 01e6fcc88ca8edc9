import type { FindingCode, NoteCode } from './codes.ts';

/** A Juju relation, as a person would name it. */
export interface RelationName {
  readonly id: number | null;
  /** `tempo:grafana-source`; the other model's application has its model before it. */
  readonly ends: readonly string[];
}

/** Where something is. What does not apply is null. */
export interface Where {
  readonly model: string | null;
  /** Who wrote it. */
  readonly app: string | null;
  readonly relation: RelationName | null;
  /** UID of the datasource in a Grafana that was looked at itself. */
  readonly datasource: string | null;
  /** Of the databag, or `jsonData`. */
  readonly key: string | null;
  /** Inside the key's value: `.extra_fields.serviceMap.datasourceUid`. */
  readonly path: string | null;
}

interface Statement<Code extends string> {
  /** Stable: programs may branch on it. */
  readonly code: Code;
  readonly where: Where;
  /** What is the case. Never has the value of a secret in it. */
  readonly message: string;
  /** What to do, one imperative sentence. */
  readonly remedy: string;
}

/** Something that is wrong. */
export type ReportFinding = Statement<FindingCode>;
/** Something that is good to know and that nobody need mend. */
export type ReportNote = Statement<NoteCode>;

/** A node of the graph: one datasource in one Grafana. */
export interface ReportDatasource {
  readonly uid: string;
  readonly type: string;
  /** What Grafana calls it; null where only Juju was looked at. */
  readonly name: string | null;
  /** Nobody can change it but the provisioning file that it is from; null where only Juju was looked at. */
  readonly readOnly: boolean | null;
  /** Null: in a Grafana that was looked at without Juju. */
  readonly app: string | null;
  /** Null: in a model that was not looked at, or without Juju. */
  readonly model: string | null;
  /** Of the unit that registered it; null for one of the application as a whole. */
  readonly unit: string | null;
}

export interface ReportGrafana {
  /** Tells Grafanas apart within a report; links name it. */
  readonly id: string;
  /** What to call it in text. */
  readonly name: string;
  readonly grafanaUid: string | null;
  readonly model: string | null;
  readonly baseUrl: string | null;
  /** Null where only Juju was looked at, or where Grafana keeps it to itself. */
  readonly version: string | null;
  readonly datasources: readonly ReportDatasource[];
}

export interface ReportLinkEnd {
  readonly uid: string | null;
  /** Null: the UID is not known to be anybody's, or it is in a Grafana that was looked at without Juju. */
  readonly app: string | null;
  readonly model: string | null;
  readonly type: string | null;
}

export interface ReportReason {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** An edge of the graph: one kind of link of one datasource in one Grafana, there or missing. */
export interface ReportLink {
  /** `id` of the Grafana; null where there is none that says who it is. */
  readonly grafana: string | null;
  readonly from: ReportLinkEnd;
  /** A kind of link; of one that is of no known kind, the key of `jsonData` that holds it. */
  readonly kind: string;
  /** Null: there is no link, and `reasons` say why. */
  readonly to: (ReportLinkEnd & { readonly uid: string }) | null;
  readonly reasons: readonly ReportReason[];
}

export interface ReportModel {
  readonly name: string;
  /** How many applications there are, and how many relations of interest. */
  readonly applications: number;
  readonly relations: number;
}

/** What the doctor has to say: what `crosslink doctor --json` prints. */
export interface Report {
  readonly healthy: boolean;
  readonly models: readonly ReportModel[];
  readonly grafanas: readonly ReportGrafana[];
  readonly links: readonly ReportLink[];
  readonly findings: readonly ReportFinding[];
  readonly notes: readonly ReportNote[];
}
