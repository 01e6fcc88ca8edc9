import fc from 'fast-check';
import type { Report, ReportDatasource, ReportLink, ReportLinkEnd } from '#src/doctor';

const kinds = {
  tempo: {
    'service-map': 'prometheus',
    'traces-to-logs': 'loki',
    'traces-to-metrics': 'prometheus',
    'traces-to-profiles': 'grafana-pyroscope-datasource',
  },
  prometheus: { 'metrics-to-traces': 'tempo' },
  loki: { 'logs-to-traces': 'tempo' },
} as const;

/** A healthy Grafana with so many datasources: of every five one holds traces, two metrics and two logs. */
export function reportOf(count: number): Report {
  const datasources = Array.from({ length: count }, (_, i): ReportDatasource => {
    const type = (['tempo', 'prometheus', 'loki', 'prometheus', 'loki'] as const)[i % 5] ?? 'loki';
    const [app, unit] = [`${type}-${'abcdefghij'[Math.floor(i / 10) % 10]}`, Math.floor(i / 5)];
    const uid = `${app}-${unit}-${(0x3f9a1c2e + i).toString(16)}`;
    return { uid, type, name: null, readOnly: null, app, model: 'cos', unit: `${app}/${unit}` };
  });
  const links = datasources.flatMap((from, i) => {
    const own: Readonly<Record<string, string>> = kinds[from.type as keyof typeof kinds];
    return Object.entries(own).map(([kind, type], k): ReportLink => {
      const all = datasources.filter((one) => one.type === type);
      const to = (i + k) % 4 === 3 ? undefined : all[(i * 3) % Math.max(1, all.length)];
      const reason = {
        code: 'no-suitable-peer',
        message: `no peer has a datasource of type ${type}`,
        remedy: `integrate receive-datasource with send-datasource of a ${type}`,
      };
      const ends = { grafana: 'g', from: endOf(from), kind };
      return to === undefined
        ? { ...ends, to: null, reasons: [reason] }
        : { ...ends, to: endOf(to), reasons: [] };
    });
  });
  return {
    healthy: true,
    models: [{ name: 'cos', applications: 12, relations: 40 }],
    grafanas: [
      {
        ...{
          id: 'g',
          name: 'grafana',
          grafanaUid: 'juju_cos_grafana',
          model: 'cos',
          baseUrl: null,
          version: null,
        },
        datasources,
      },
    ],
    links,
    findings: [],
    notes: [],
  };
}

function endOf({ uid, app, model, type }: ReportDatasource): ReportLinkEnd & { readonly uid: string } {
  return { uid, app, model, type };
}

/** What somebody may write into a databag to become part of the page. */
export const hostile = [
  '<script>alert(1)</script>',
  '</script><img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onfocus='alert(1)' x='",
  '</title></text></svg><b>',
  '<!-- ',
  ']]>',
  '&lt;b&gt;&quot;',
  '</style><style>*{display:none}',
  'a\nTo mend it, run this',
  'a\u202eb\u0000\u0007\ud800',
  'javascript:alert(1)',
  '${alert(1)}',
  '__proto__',
] as const;

const text = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 30 }), fc.string());
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: null });
const type = fc.oneof(
  fc.constantFrom('tempo', 'prometheus', 'loki', 'grafana-pyroscope-datasource', 'alertmanager', ''),
  text,
);
const kind = fc.oneof(fc.constantFrom(...Object.values(kinds).flatMap((of) => Object.keys(of))), text);
const uid = fc.oneof(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), text);

const datasource: fc.Arbitrary<ReportDatasource> = fc.record({
  ...{ uid, type, name: maybe(text), readOnly: maybe(fc.boolean()), app: maybe(text), model: maybe(text) },
  unit: maybe(text),
});
const end = fc.record({ uid: maybe(uid), app: maybe(text), model: maybe(text), type: maybe(type) });
const link: fc.Arbitrary<ReportLink> = fc.record({
  ...{ grafana: maybe(fc.constantFrom('0', '1')), from: end, kind },
  to: maybe(fc.record({ uid, app: maybe(text), model: maybe(text), type: maybe(type) })),
  reasons: fc.array(fc.record({ code: text, message: text, remedy: text }), { maxLength: 3 }),
});
const where = fc.record({
  ...{ model: maybe(text), app: maybe(text), datasource: maybe(uid), key: maybe(text), path: maybe(text) },
  relation: maybe(fc.record({ id: maybe(fc.nat()), ends: fc.array(text, { maxLength: 2 }) })),
});
const statement = <Code extends string>(code: Code) =>
  fc.record({ code: fc.constant(code), where, message: text, remedy: text });

/** Any report at all: nothing in it need make sense. */
export const anyReport: fc.Arbitrary<Report> = fc.record({
  healthy: fc.boolean(),
  models: fc.array(fc.record({ name: text, applications: fc.nat(), relations: fc.nat() }), { maxLength: 2 }),
  grafanas: fc
    .array(
      fc.record({
        ...{
          name: text,
          grafanaUid: maybe(text),
          model: maybe(text),
          baseUrl: maybe(text),
          version: maybe(text),
        },
        datasources: fc.uniqueArray(datasource, { maxLength: 12, selector: (one) => one.uid }),
      }),
      { maxLength: 2 },
    )
    .map((all) => all.map((grafana, i) => ({ id: String(i), ...grafana }))),
  links: fc.array(link, { maxLength: 25 }),
  findings: fc.array(statement('uid-unknown'), { maxLength: 8 }),
  notes: fc.array(statement('names-handed-out'), { maxLength: 3 }),
});
