import { quoted } from '../checks/finding.ts';
import { type DoctorReasonCode, type FindingCode, findingCodes } from '../codes.ts';
import type {
  Report,
  ReportFinding,
  ReportLink,
  ReportLinkEnd,
  ReportNote,
  ReportReason,
  Where,
} from '../report.ts';
import { pathOf } from '../written-links.ts';
import { type Gap, type Judged, judge, type Mend } from './judge.ts';
import { either, keeperOf, named } from './labels.ts';
import type { LiveDatasource, LiveGrafana } from './live-grafana.ts';
import { doubledDollars } from './propose.ts';
import { targetTypes } from './targets.ts';

/**
 * From what a Grafana holds to what is to be said about it. Pure and total.
 * @param prefer - UIDs of datasources to link to where several would do
 */
export function diagnoseGrafana(live: LiveGrafana, prefer: ReadonlySet<string> = new Set()): Report {
  const { judged, gaps } = judge(live, prefer);
  const findings = [
    ...judged.flatMap(faulty),
    ...live.datasources.flatMap(dollars),
    ...gaps.flatMap((gap) => (gap.chosen.length > 0 ? [unlinked(gap)] : [])),
  ];
  return {
    healthy: findings.length === 0,
    models: [],
    grafanas: [
      {
        id: live.url,
        name: live.org ?? live.url,
        grafanaUid: null,
        model: null,
        baseUrl: live.url,
        version: live.version === '' ? null : live.version,
        datasources: live.datasources.map(({ uid, type, name, readOnly }) => ({
          uid,
          type,
          name,
          readOnly,
          app: null,
          model: null,
          unit: null,
        })),
      },
    ],
    links: [...once(judged.map((one) => made(live, one))), ...gaps.map((gap) => missing(live, gap))].toSorted(
      byFrom(live),
    ),
    // Those that stop most come first.
    findings: findings.toSorted((a, b) => findingCodes.indexOf(a.code) - findingCodes.indexOf(b.code)),
    notes: namesHandedOut(judged),
  };
}

/** Several fields may lead to one datasource. */
function once(links: readonly ReportLink[]): ReportLink[] {
  return [...new Map(links.map((link) => [JSON.stringify([link.from, link.kind, link.to]), link])).values()];
}

/** Datasources stay in Grafana's order, by name; of each first what is there. */
function byFrom({ datasources }: LiveGrafana): (a: ReportLink, b: ReportLink) => number {
  const places = new Map(datasources.map(({ uid }, i) => [uid, i]));
  const place = ({ from }: ReportLink) => places.get(from.uid ?? '') ?? -1;
  return (a, b) => place(a) - place(b) || Number(a.to === null) - Number(b.to === null);
}

function end({ uid, type }: LiveDatasource): ReportLinkEnd & { readonly uid: string } {
  return { uid, app: null, model: null, type };
}

function made({ url }: LiveGrafana, { datasource, reference, found }: Judged): ReportLink {
  const nobody = { uid: reference.uid, app: null, model: null, type: null };
  const to = 'datasource' in found ? end(found.datasource) : nobody;
  return { grafana: url, from: end(datasource), kind: reference.kind, to, reasons: [] };
}

function missing({ url }: LiveGrafana, gap: Gap): ReportLink {
  const { datasource, correlation } = gap;
  return { grafana: url, from: end(datasource), kind: correlation.kind, to: null, reasons: [whyNot(gap)] };
}

/** Canonical's charms know datasources by their names, on purpose: nothing that could be mended here. */
function namesHandedOut(judged: readonly Judged[]): ReportNote[] {
  const named = judged.filter(({ found, fault }) => found.by === 'name' && fault === null);
  return [...new Map(named.map((one) => [one.datasource, one])).values()].map(({ datasource }) => ({
    code: 'names-handed-out',
    where: at(datasource, []),
    message:
      "a charm links by the names of datasources in place of their UIDs: pages of Grafana find them, its HTTP API and its alert rules don't",
    remedy: "use the datasource's own UID, which Grafana shows in its address, in alert rules and scripts",
  }));
}

interface LiveReason extends ReportReason {
  readonly code: DoctorReasonCode;
}

function whyNot({ correlation, candidates, chosen }: Gap): LiveReason {
  const { to, room } = correlation;
  if (candidates.length === 0) {
    return {
      code: 'no-datasource',
      message: `this Grafana has no datasource of type ${to.join(', ')}`,
      remedy: '',
    };
  }
  if (chosen.length > 0) {
    // What to do is in the finding of the same code.
    return { code: 'could-be-linked', message: `${either(chosen)} could be linked to`, remedy: '' };
  }
  const several = room === 'one' ? '' : ', which may be repeated';
  return {
    code: 'several-candidates',
    message: `${either(candidates)} would do`,
    remedy: `say which one by its UID: --prefer UID${several}`,
  };
}

function unlinked({ datasource, correlation, candidates, chosen }: Gap): ReportFinding {
  const { kind, key } = correlation;
  const only = chosen.length === candidates.length ? ', and nothing else that it could lead to' : '';
  return {
    code: 'could-be-linked',
    where: at(datasource, [key]),
    message: `there is no ${kind} to ${either(chosen)}${only}`,
    remedy: byHand(datasource, key) ?? 'let --fix make the link',
  };
}

/** Where nothing that is written here would last. */
function byHand(datasource: LiveDatasource, key: string): string | undefined {
  const keeper = keeperOf(datasource, key);
  if (keeper !== undefined) {
    return `look at it by crosslink doctor --juju and change it there: ${keeper} would undo what is written in Grafana`;
  }
  return datasource.readOnly
    ? 'change the provisioning file of the datasource; --fix shows what to put there'
    : undefined;
}

function faulty(judged: Judged): ReportFinding[] {
  const { datasource, reference, found, fault, mend } = judged;
  const { kind, uid, steps } = reference;
  if (fault === null) return [];
  const message = `${kind} leads to ${what(fault, judged, quoted(uid), found)}`;
  const remedy = byHand(datasource, steps[0]) ?? mending(mend);
  return [{ code: fault, where: at(datasource, steps), message, remedy }];
}

function what(
  fault: FindingCode,
  { datasource, reference }: Judged,
  shown: string,
  found: Judged['found'],
): string {
  const to = 'datasource' in found ? found : undefined;
  if (to === undefined) return `${shown}, and there is no such datasource`;
  const wanted = (targetTypes(datasource.type, reference.kind) ?? []).join(' or ');
  if (fault === 'link-to-itself') return `the datasource itself, where Grafana wants a ${wanted}`;
  if (fault === 'link-wrong-type')
    return `${named(to.datasource)}, a ${quoted(to.datasource.type)}, where Grafana wants a ${wanted}`;
  const by = { name: 'the name', id: 'the number', default: 'at present another word', uid: 'the UID' }[
    to.by
  ];
  return `${shown}, which is ${by} of a datasource whose UID is ${quoted(to.datasource.uid)}`;
}

function mending(mend: Mend): string {
  switch (mend.kind) {
    case 'repoint':
      return `let --fix point it at ${named(mend.to)}`;
    case 'remove':
      return 'let --fix take the link out, or add what it should lead to';
    case 'choose':
      return `say which of these it should lead to, --fix --prefer UID: ${either(mend.among)}`;
    case 'nothing':
      return 'correct it in the settings of the datasource';
  }
}

function dollars(datasource: LiveDatasource): ReportFinding[] {
  return doubledDollars(datasource).map(({ key, path }) => ({
    code: 'dollar-doubled',
    where: at(datasource, path),
    message:
      'a dollar sign is doubled, as provisioning files want it and Grafana itself does not: the link asks for a text with a dollar in it',
    remedy: byHand(datasource, key) ?? 'let --fix write $ for $$',
  }));
}

function at({ uid }: LiveDatasource, steps: readonly (string | number)[]): Where {
  const path = steps.length === 0 ? null : pathOf(steps);
  return { model: null, app: null, relation: null, datasource: uid, key: 'jsonData', path };
}
