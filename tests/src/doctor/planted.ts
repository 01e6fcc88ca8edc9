import { databags } from './planted/databags.ts';
import { exchanges } from './planted/exchanges.ts';
import type { Fault } from './planted/fault.ts';
import { links } from './planted/links.ts';
import { registrations } from './planted/registrations.ts';
import { uids } from './planted/uids.ts';

/** At least one for each code that the doctor has for what it reads of Juju. */
export const faults: readonly Fault[] = [...registrations, ...exchanges, ...uids, ...links, ...databags];
