/**
 * A whole world, and all that happens in it: plain data, from which everything else follows. What refers to something
 * else does so by a number that is taken modulo what is there, so that parts can be left out and the rest still
 * makes sense: that is how a failing plan is made shorter.
 */
export interface Plan {
  /** Of the order in which things take their turn. */
  readonly schedule: number;
  /** How many hooks run at one time. */
  readonly concurrency: number;
  /** Whether operators may register a datasource with two gateways of one Grafana, which is a mistake. */
  readonly quarrels: boolean;
  readonly grafanas: readonly GrafanaPlan[];
  readonly gateways: readonly GatewayPlan[];
  readonly datasources: readonly DatasourcePlan[];
  /** Datasource and gateway, by their numbers. */
  readonly registrations: readonly (readonly [datasource: number, gateway: number])[];
  /** Two datasources: the first sends, the second receives. */
  readonly exchanges: readonly (readonly [sends: number, receives: number])[];
  readonly troubles: readonly Trouble[];
}

export interface GrafanaPlan {
  readonly version: string;
  /** How many datasources are there that somebody else made. */
  readonly foreign: number;
}

export interface GatewayPlan {
  /**
   * `crosslink` is ours. The others are older charms that have a Grafana of their own and publish names for UIDs:
   * `names` says which Grafana that is, and `nameless` does not.
   */
  readonly charm: 'crosslink' | 'names' | 'nameless';
  readonly letter: string;
  /** Of `grafanas`. Two gateways may have the same one, and are given the same `grafana-uid` then. */
  readonly grafana: number;
  readonly units: number;
  readonly correlations: boolean;
}

export const datasourceKinds = ['tempo', 'prometheus', 'mimir', 'loki', 'pyroscope', 'jaeger'] as const;

export interface DatasourcePlan {
  /** `legacy` writes what Canonical's Python charms of the first generation write. */
  readonly charm: 'crosslink' | 'legacy';
  readonly letter: string;
  readonly type: (typeof datasourceKinds)[number];
  readonly units: number;
  /** Whether each unit is a datasource of its own. */
  readonly perUnit: boolean;
  /** Whether it shares secrets with its Grafanas. */
  readonly secret: boolean;
  /** Whether it names the applications that it wants to be linked to, and which: a letter to begin with. */
  readonly prefers: string | null;
}

/** How a Grafana answers, other than it should. */
export const moods = [
  'down',
  'mute',
  '500',
  '503',
  '401',
  '403',
  '409',
  '412',
  '429',
  'cut',
  'login-page',
  'broken-json',
] as const;
export type Mood = (typeof moods)[number];

/** What somebody does to a datasource in Grafana's pages. */
export const handiworks = [
  'delete',
  'rename',
  'add-key',
  'change-url',
  'drop-marker',
  'copy',
  'make',
  'correlate',
] as const;
type Handiwork = (typeof handiworks)[number];

/** What a remote application says in place of what it should. */
export const garbages = [
  'no-json',
  'wrong-type',
  'huge',
  'hostile-keys',
  'half',
  'twice',
  'other-units',
] as const;
export type Garbage = (typeof garbages)[number];

/** One thing that happens, so many steps after the one before it, or as soon as nobody has anything to do. */
export type Trouble = { readonly after: number } & (
  | { readonly kind: 'add-unit'; readonly app: number }
  | { readonly kind: 'remove-unit'; readonly unit: number }
  | { readonly kind: 'remove-application'; readonly app: number }
  | { readonly kind: 'register'; readonly datasource: number; readonly gateway: number }
  | { readonly kind: 'exchange'; readonly sends: number; readonly receives: number }
  | { readonly kind: 'unrelate'; readonly relation: number }
  | { readonly kind: 'relate-again'; readonly relation: number }
  | { readonly kind: 'lead'; readonly unit: number }
  | { readonly kind: 'kill'; readonly hook: number; readonly afterCommit: boolean }
  | { readonly kind: 'configure'; readonly app: number; readonly option: number; readonly value: number }
  | { readonly kind: 'misconfigure'; readonly app: number; readonly option: number }
  | { readonly kind: 'rotate-secret'; readonly secret: number }
  | { readonly kind: 'withhold-secret'; readonly secret: number }
  | { readonly kind: 'upgrade'; readonly app: number }
  | { readonly kind: 'restart'; readonly unit: number; readonly pod: boolean }
  | { readonly kind: 'update-status'; readonly unit: number }
  | { readonly kind: 'grafana'; readonly grafana: number; readonly mood: Mood; readonly requests: number }
  | {
      readonly kind: 'hand';
      readonly grafana: number;
      readonly datasource: number;
      readonly work: Handiwork;
    }
  | { readonly kind: 'backup'; readonly grafana: number }
  | { readonly kind: 'restore'; readonly grafana: number }
  | { readonly kind: 'garbage'; readonly app: number; readonly garbage: Garbage }
);
