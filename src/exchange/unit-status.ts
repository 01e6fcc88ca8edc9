import { type SettableStatus, worstStatus } from '#lib/juju';
import type { Conflict } from '#src/grafana/provisioner';
import { printable } from '#src/text';
import { explain } from './explain.ts';
import { findingText } from './finding.ts';
import type { GatewayIntent } from './gateway.ts';
import { correlationsNote } from './gateway-correlations.ts';
import type { GatewayView } from './gateway-view.ts';
import { secretNotes } from './secret-sharing.ts';
import type { View } from './view.ts';

export interface StatusLine {
  readonly status: SettableStatus;
  readonly message: string;
}

/** What `juju status` shows for this unit, and when all is well, that nobody can tell where its traces are to go. */
export function unitStatus(view: View, gateway: GatewayIntent | null): StatusLine {
  const { status, message } = statusOfRoles(view, gateway);
  const [finding, ...more] = view.tracing?.findings ?? [];
  const unread =
    finding === undefined || status !== 'active'
      ? ''
      : `; can't read ${findingText(finding)}${others(more.length)}`;
  return { status, message: shortened(printable(message + unread), longestMessage) };
}

/**
 * Juju's tool takes the message as an argument, which can hold 128 KiB: this many characters are less than half of
 * that.
 */
const longestMessage = 16 * 1024;
/** Of a datasource in Grafana. */
const longestName = 190;

/** What others wrote can have any length, and must leave room for what is to be done about it. */
function shortened(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 3).toWellFormed()}...` : text;
}

/** The worst of what the roles have to say, config first. */
function statusOfRoles(view: View, gateway: GatewayIntent | null): StatusLine {
  const { configProblems, datasource } = view;
  if (configProblems.length > 0) return { status: 'blocked', message: configProblems.join('; ') };
  const lines = [
    ...(view.gateway === null ? [] : [gatewayStatus(view, view.gateway, gateway)]),
    ...(datasource === null ? [] : [datasourceStatus(view)]),
  ];
  const worst = worstStatus(lines);
  if (worst === undefined) return { status: 'blocked', message: nothingToDo };
  const same = lines.filter(({ status }) => status === worst.status);
  return { status: worst.status, message: same.map(({ message }) => message).join('; ') };
}

const nothingToDo =
  'set datasource-type and datasource-url to be a datasource, or grafana-url to be the gateway of a Grafana';

function gatewayStatus({ sources }: View, gateway: GatewayView, intent: GatewayIntent | null): StatusLine {
  const { work, baseUrl } = gateway;
  if (work === null) return { status: 'active', message: 'standing by: the leader provisions' };
  if (work.grafana.state === 'failed') return failureStatus(work.grafana);
  const conflicts = intent?.conflicts ?? [];
  if (conflicts.length > 0) return { status: 'blocked', message: conflicts.map(conflictText).join('; ') };
  if (work.correlations?.state === 'failed') return failureStatus(work.correlations);
  const total = intent?.total ?? 0;
  const [finding, ...more] = (sources ?? []).flatMap(({ findings }) => findings);
  const unread = finding === undefined ? '' : `; can't read ${findingText(finding)}${others(more.length)}`;
  const totalCorrelations = intent?.totalCorrelations ?? null;
  const and = totalCorrelations === null ? '' : ` and ${count(totalCorrelations, 'correlation')}`;
  const message = `${count(total, 'datasource')}${and} in ${baseUrl}${correlationsNote(gateway)}${unread}`;
  return { status: 'active', message };
}

function failureStatus({
  fixedBy,
  remedy,
}: {
  readonly fixedBy: 'operator' | 'time';
  readonly remedy: string;
}): StatusLine {
  return { status: fixedBy === 'operator' ? 'blocked' : 'waiting', message: remedy };
}

function conflictText(conflict: Conflict): string {
  const { uid, problem } = conflict;
  const name = shortened(conflict.name, longestName);
  switch (problem) {
    case 'name-taken':
      return `rename or remove datasource '${name}' in Grafana: ${uid} needs its name`;
    case 'uid-taken':
      return `remove datasource '${name}' in Grafana: its uid ${uid} is needed and another made it`;
    case 'other-gateway':
      return `relate its application to one gateway of this Grafana only: ${uid} is of gateway ${shortened(conflict.gateway ?? '', 255)}`;
    case 'read-only':
      return `take datasource '${name}' out of Grafana's provisioning files: it is read-only`;
  }
}

function datasourceStatus(view: View): StatusLine {
  const { grafanas, exchange } = view;
  if (grafanas.length === 0) return { status: 'waiting', message: 'integrate grafana-source with a Grafana' };
  const links = explain(view);
  const inGrafanas = new Map(
    grafanas.map(({ answer, relationId }) => [answer.grafanaUid ?? relationId, answer]),
  );
  const where = count(inGrafanas.size, 'Grafana');
  const [finding, ...more] = [...grafanas, ...exchange].flatMap(({ findings }) => findings);
  const unread = finding === undefined ? '' : `; can't read ${findingText(finding)}${others(more.length)}`;
  const silent = grafanas.find(({ answer }) => answer.grafanaUid === undefined && !answer.datasourceUids);
  if (silent !== undefined)
    return { status: 'waiting', message: `for ${silent.remoteApp} to answer${unread}` };
  const rest = `${notTaken(view)}${unread}`;
  if (links.length === 0) return { status: 'active', message: `registered with ${where}${rest}` };
  // Units of one application share their links: each kind counts once in each Grafana.
  const slots = Map.groupBy(links, ({ grafanaUid, kind }) => JSON.stringify([grafanaUid, kind]));
  const made = [...slots.values()].filter((slot) => slot.some(({ to }) => to !== null)).length;
  return { status: 'active', message: `${made} of ${count(slots.size, 'link')} in ${where}${rest}` };
}

/** Links don't need it, so it is no reason to be anything but active. */
function notTaken(view: View): string {
  const [first, ...more] = secretNotes(view).filter(({ taken }) => !taken);
  if (first === undefined) return '';
  return `; secure-json-data not taken by ${first.remoteApp}${others(more.length)}: see explain`;
}

function others(n: number): string {
  return n === 0 ? '' : ` and ${n} more`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
