import { toolError } from '../errors-from-tool.ts';
import type { ApplicationStatus, Status } from '../hook-tools.ts';
import { parseUnitName, type UnitName } from '../unit-name.ts';
import type { Effects } from './effects.ts';
import type { Leadership } from './leadership.ts';
import type { UnitState } from './state.ts';

const settable = ['maintenance', 'blocked', 'waiting', 'active'];

/** Statuses of one unit and its application during one hook. */
export class StatusBoard {
  readonly #unitName: UnitName;
  readonly #leadership: Leadership;
  readonly #effects: Effects;
  readonly #others: UnitState['unitStatuses'];
  #unit: Status;
  #application: Status;
  /** What `status-get` said first, and says until the hook ends. */
  #seen: Status | undefined;

  constructor(state: UnitState, leadership: Leadership, effects: Effects) {
    this.#unitName = state.unit;
    this.#leadership = leadership;
    this.#effects = effects;
    this.#others = state.unitStatuses;
    this.#unit = state.unitStatus;
    this.#application = state.applicationStatus;
  }

  unit(): Status {
    this.#seen ??= this.#unit;
    return { ...this.#seen };
  }

  application(): ApplicationStatus {
    this.#requireLeader('finding application status: ', 'status-get');
    const sameApp = Object.entries(this.#others).filter(
      ([name]) => parseUnitName(name).app === parseUnitName(this.#unitName).app,
    );
    return { ...this.#application, units: Object.fromEntries([...sameApp, [this.#unitName, this.#unit]]) };
  }

  setUnit(status: Status): void {
    requireSettable(status);
    this.#unit = status;
    this.#effects.statusSet?.({ ...status }, 'unit');
  }

  setApplication(status: Status): void {
    requireSettable(status);
    this.#requireLeader('', 'status-set');
    this.#application = status;
    this.#effects.statusSet?.({ ...status }, 'application');
  }

  #requireLeader(prefix: string, tool: string): void {
    if (!this.#leadership.check()) throw toolError(tool, 1, `${prefix}this unit is not the leader`);
  }
}

function requireSettable({ status }: Status): void {
  if (settable.includes(status)) return;
  throw toolError(
    'status-set',
    2,
    `invalid status "${status}", expected one of [maintenance blocked waiting active]`,
  );
}
