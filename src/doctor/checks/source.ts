import { secretFields } from '../plain-secrets.ts';
import type { ReportFinding } from '../report.ts';
import { hasUnescapedDollar } from '../unescaped-dollar.ts';
import type { Registration } from '../world.ts';
import { rawExtraFields } from '../written-links.ts';
import { quoted, wrong } from './finding.ts';

const dataKey = 'grafana_source_data';

/** What is wrong in what a datasource application registered with one Grafana. */
export function checkSource(registration: Registration): ReportFinding[] {
  const { relation, source, sourceIssues, reading } = registration;
  const at = { relation, end: source };
  if (source.appData === null) return [];
  const invalid = sourceIssues.map(({ key, path, message }) =>
    wrong(
      'databag-invalid',
      { ...at, key, path },
      `${source.app} wrote what can't be read: ${message}`,
      `report it to the authors of the charm of ${source.app}; a Python charm of Grafana fails on such data`,
    ),
  );
  const problems = [...invalid, ...secrets(registration), ...unsafe(registration), ...dollars(registration)];
  if (reading.state !== 'absent' || invalid.length > 0) return problems;
  return [
    ...problems,
    wrong(
      'source-silent',
      { ...at, key: dataKey },
      `${source.app} has not said what it is, so ${registration.grafanaEnd.app} makes no datasource of it`,
      `look at the status of ${source.app}: it waits for something, or its hooks fail`,
    ),
  ];
}

function secrets({ relation, source }: Registration): ReportFinding[] {
  return secretFields(source.appData?.[dataKey]).map((name) =>
    wrong(
      'plaintext-secret',
      { relation, end: source, key: dataKey, path: `.secure_extra_fields.${quoted(name)}` },
      `a secret stands in clear text in the databag, where everybody who may look at the model reads it`,
      'change that credential, and give it to the datasource by a Juju secret',
    ),
  );
}

/** What Canonical's Grafana charm fails on as a whole, so that no application's datasource is made any more. */
function unsafe(registration: Registration): ReportFinding[] {
  const { relation, source } = registration;
  const fields = rawExtraFields(registration);
  const at = { relation, end: source, key: dataKey };
  const remedy = `refresh ${source.app} to a charm that writes it otherwise`;
  if (typeof fields === 'string') {
    const message = 'extra_fields is text and no object: the Python charm of Grafana fails on that, for all';
    return [wrong('extra-fields-unsafe', { ...at, path: '.extra_fields' }, message, remedy)];
  }
  if (typeof fields !== 'object' || fields === null || !('timeout' in fields)) return [];
  const { timeout } = fields;
  if (timeout === null || /^\s*[+-]?\d+\s*$/.test(String(timeout))) return [];
  const message = 'timeout is no whole number: the Python charm of Grafana fails on that, for all';
  return [wrong('extra-fields-unsafe', { ...at, path: '.extra_fields.timeout' }, message, remedy)];
}

/** Grafana's provisioning takes `$NAME` for a variable of its environment, and there is none of that name. */
function dollars(registration: Registration): ReportFinding[] {
  const { relation, source } = registration;
  const fields = rawExtraFields(registration);
  // As text they never come as far as Grafana.
  if (typeof fields === 'string') return [];
  return [...unescapedIn(fields, '.extra_fields')]
    .slice(0, 20)
    .map((path) =>
      wrong(
        'dollar-not-escaped',
        { relation, end: source, key: dataKey, path },
        'a dollar sign is not doubled: Grafana takes what follows for a variable, and leaves nothing of it',
        `refresh ${source.app} to a charm that writes $$ for $`,
      ),
    );
}

function* unescapedIn(value: unknown, path: string, depth = 0): Generator<string> {
  if (typeof value === 'string') {
    if (hasUnescapedDollar(value)) yield path;
    return;
  }
  if (depth > deepest) return;
  if (Array.isArray(value)) {
    for (const [i, member] of value.entries()) yield* unescapedIn(member, `${path}[${i}]`, depth + 1);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      yield* unescapedIn(member, `${path}.${quoted(key)}`, depth + 1);
    }
  }
}

/** Deeper is no valid registration. */
const deepest = 100;
