import { inCharm } from './charm.ts';
import { inDecisions } from './exchange.ts';
import { inGrafana } from './grafana.ts';
import type { PlantedBug } from './planted-bug.ts';

export type { Patch, PlantedBug } from './planted-bug.ts';

/** Bugs that somebody could really write, one at a time: the simulation has to find each of them. */
export const bugs: readonly PlantedBug[] = [...inDecisions, ...inGrafana, ...inCharm];
