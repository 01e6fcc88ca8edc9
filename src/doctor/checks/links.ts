import { correlationsOf } from '../../exchange/correlations/table.ts';
import type { FindingCode } from '../codes.ts';
import type { ReportFinding } from '../report.ts';
import { appKey, type DecodedWorld, type Grafana, type Registration } from '../world.ts';
import { type WrittenLink, writtenLinks } from '../written-links.ts';
import { quoted, wrong } from './finding.ts';
import { handsOutNames, isJujuName, shapeOf } from './uid.ts';

/** Whether everything that an application refers to is a datasource of the Grafana that will read it. */
export function checkLinks(world: DecodedWorld): ReportFinding[] {
  const hearsay = new Hearsay(world);
  return world.registrations.flatMap((registration) =>
    writtenLinks(registration).flatMap((link) => checkLink(world, hearsay, registration, link)),
  );
}

function checkLink(
  { grafanas }: DecodedWorld,
  hearsay: Hearsay,
  registration: Registration,
  { kind, uid, path }: WrittenLink,
): ReportFinding[] {
  const { relation, source, grafana, reading } = registration;
  const at = { relation, end: source, key: 'grafana_source_data', path };
  const target = grafana.handedOut.get(uid);
  const type = target === undefined ? hearsay.typeOf(registration, uid) : target.type;
  if (target !== undefined || type !== undefined) {
    const wanted = reading.state === 'valid' ? targetsOf(reading.source.type, kind) : undefined;
    if (wanted === undefined || type === null || type === undefined || wanted.includes(type)) return [];
    const message = `${kind} leads to ${quoted(uid)}, a ${quoted(type)}, where Grafana wants a ${wanted.join(' or ')}`;
    const remedy = `correct the config or the charm of ${source.app}`;
    return [wrong('link-wrong-type', at, message, remedy)];
  }
  // Grafana has said nothing yet: there is nothing to compare with.
  if (grafana.handedOut.size === 0 && !elsewhere(grafanas, grafana, uid)) return [];
  const { code, message, remedy } = nowhere(grafanas, grafana, source.app, uid);
  return [wrong(code, at, `${kind} leads to ${message}`, remedy)];
}

interface Nowhere {
  readonly code: FindingCode;
  readonly message: string;
  readonly remedy: string;
}

/** What a UID is that the Grafana which will read it did not give out. */
export function nowhere(grafanas: readonly Grafana[], grafana: Grafana, app: string, uid: string): Nowhere {
  const other = elsewhere(grafanas, grafana, uid);
  const shown = quoted(uid);
  if (other !== undefined) {
    return {
      code: 'uid-of-other-grafana',
      message: `${shown}, which ${other.app} gave out and ${grafana.app} did not`,
      remedy: `relate what is linked to with ${grafana.app} as well, or refresh ${app} to a charm that links for each Grafana by itself`,
    };
  }
  const shape = shapeOf(uid);
  // Where names are what is given out, one more of them is only unknown.
  if (shape === 'name' && !(isJujuName(uid) && handsOutNames(grafana))) {
    return {
      code: 'name-as-uid',
      message: `${shown}, which is the name of a datasource and no UID`,
      remedy: `let ${app} use the UID that ${grafana.app} gave out`,
    };
  }
  if (shape === 'too-long') {
    return {
      code: 'uid-too-long',
      message: `${shown}, which is longer than the 40 characters that Grafana takes`,
      remedy: `let ${app} use the UID that ${grafana.app} gave out`,
    };
  }
  return {
    code: 'uid-unknown',
    message: `${shown}, which ${grafana.app} did not give out`,
    remedy: `wake ${app} if the datasource is gone; if somebody made it by hand, all is well`,
  };
}

function elsewhere(grafanas: readonly Grafana[], grafana: Grafana, uid: string): Grafana | undefined {
  return grafanas.find((other) => other !== grafana && other.handedOut.has(uid));
}

/** Types that Grafana takes at the other end; undefined for a kind that is not known. */
function targetsOf(type: string, kind: string): readonly string[] | undefined {
  return correlationsOf(type).links.find((link) => link.kind === kind)?.to;
}

/** What peers say that stand in models which were not looked at: nobody else tells what Grafana gave them. */
class Hearsay {
  readonly #types = new Map<string, string>();

  constructor({ exchanges }: DecodedWorld) {
    for (const { from, to, relation, datasources } of exchanges) {
      if (from.model !== null) continue;
      for (const { uid, grafana_uid, type } of datasources ?? []) {
        this.#types.set(JSON.stringify([appKey(to, relation), uid, grafana_uid]), type);
      }
    }
  }

  typeOf({ source, relation, answer }: Registration, uid: string): string | undefined {
    return this.#types.get(JSON.stringify([appKey(source, relation), uid, answer.grafanaUid]));
  }
}
