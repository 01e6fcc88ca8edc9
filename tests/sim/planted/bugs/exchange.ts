import type { PlantedBug } from './planted-bug.ts';

/** Bugs of what is decided, and of how databags are read and written. */
export const inDecisions: readonly PlantedBug[] = [
  {
    name: 'any-grafana',
    breaks: 'a link names only a UID of the Grafana that reads it',
    patches: [
      {
        file: 'src/exchange/pick.ts',
        replace: 'entry.grafana_uid === grafanaUid && types',
        by: 'types',
      },
    ],
  },
  {
    name: 'first-grafana-for-all',
    breaks: 'links are chosen for each Grafana by itself',
    patches: [
      {
        file: 'src/exchange/decide.ts',
        replace: 'offer(self, datasource, exchange, relation);',
        by: 'offer(self, datasource, exchange, grafanas[0] ?? relation);',
      },
    ],
  },
  {
    name: 'arrival-order',
    breaks: 'the target does not hang on the order in which relations were made',
    patches: [
      {
        file: 'src/exchange/pick.ts',
        replace: 'rank(a.app) - rank(b.app) || inOrder(a, b)',
        by: 'rank(a.app) - rank(b.app)',
      },
    ],
  },
  {
    name: 'follower-writes',
    breaks: 'only the leader writes for the application',
    patches: [
      {
        file: 'src/exchange/decide.ts',
        replace:
          "    if (localAppData !== null) {\n      const wanted = { ...app, ...secretTakenBack(view, relation) };\n      intents.push({ relationId, bag: 'app', changes: changesTo(localAppData, wanted), needs: [] });\n    }",
        by: "    const wanted = { ...app, ...secretTakenBack(view, relation) };\n    intents.push({ relationId, bag: 'app', changes: changesTo(localAppData ?? {}, wanted), needs: [] });",
      },
    ],
  },
  {
    name: 'always-says',
    breaks: 'no write to a databag without a difference',
    patches: [
      {
        file: 'src/exchange/changes.ts',
        replace: 'return databagDiff(Object.fromEntries(managed), wanted);',
        by: 'return managed.length === 0 ? databagDiff({}, wanted) : wanted;',
      },
    ],
  },
  {
    name: 'status-of-this-hook',
    breaks: 'a status does not flap',
    patches: [
      {
        file: 'src/exchange/unit-status.ts',
        replace: 'const total = intent?.total ?? 0;',
        by: 'const total = intent?.provision.length ?? 0;',
      },
    ],
  },
  {
    name: 'dollars-stay-doubled',
    breaks: 'dollars are as Grafana reads them',
    patches: [
      {
        file: 'src/relations/dollar-escape.ts',
        replace: "text.replaceAll('$$', '$')",
        by: "text.replaceAll('$$', '$$$$')",
      },
    ],
  },
  {
    name: 'dollars-not-escaped',
    breaks: 'dollars on the wire are as provisioning files want them',
    patches: [
      {
        file: 'src/relations/dollar-escape.ts',
        replace: "text.replaceAll('$', '$$$$')",
        by: "text.replaceAll('$', '$$')",
      },
    ],
  },
  {
    name: 'shares-incomplete-entries',
    breaks: 'only complete entries go to peers',
    patches: [
      {
        file: 'src/exchange/registrations.ts',
        replace: '      if (grafanaUid === undefined) return [];\n',
        by: '',
      },
      {
        file: 'src/exchange/registrations.ts',
        replace: 'return uids.size === 0 ? [] : [{ grafanaUid, uids',
        by: "return uids.size === 0 ? [] : [{ grafanaUid: grafanaUid ?? '', uids",
      },
    ],
  },
  {
    name: 'unreadable-is-absent',
    breaks: 'what can not be read is no reason to take anything away',
    patches: [
      {
        file: 'src/exchange/gateway.ts',
        replace: "  if (reading.state !== 'invalid') return [];\n",
        by: "  if (reading.state === 'invalid') return [];\n",
      },
    ],
  },
  {
    name: 'throws-on-bad-data',
    breaks: 'what is remote and bad is a finding',
    crashes: true,
    patches: [
      {
        file: 'src/relations/read-key.ts',
        replace: 'if (result.success) return result.data;\n    issues.push(',
        by: 'if (result.success) return result.data;\n    if (issues.length > 0) throw result.error;\n    issues.push(',
      },
      {
        file: 'src/relations/read-key.ts',
        replace: 'const result = schema.safeParse(raw);',
        by: 'const result = { ...schema.safeParse(raw), data: schema.parse(raw) };',
      },
    ],
  },
  {
    name: 'answer-is-left',
    breaks: 'who withdraws is told so',
    patches: [
      {
        file: 'src/exchange/gateway.ts',
        replace: `sources.filter(({ reading }) => reading.state === 'absent').map(takeBack)`,
        by: `sources.filter(({ reading }) => reading.state === 'absent').slice(0, 0).map(takeBack)`,
      },
    ],
  },
  {
    name: 'answers-nobody',
    breaks: 'who registers is told the UID',
    patches: [
      {
        file: 'src/exchange/gateway.ts',
        replace: 'databags: [...answers, ',
        by: 'databags: [...answers.slice(0, 0), ',
      },
    ],
  },
  {
    name: 'still-takes-correlations',
    breaks: 'that correlations are made is taken back',
    patches: [
      {
        file: 'src/exchange/gateway-correlations.ts',
        replace: 'return { steps, announced, databags, total: null };',
        by: 'return { steps, announced, databags: databags.slice(0, 0), total: null };',
      },
    ],
  },
  {
    name: 'role-is-not-taken-back',
    breaks: 'an application that is no datasource any more says so',
    patches: [
      {
        file: 'src/exchange/decide.ts',
        replace: 'datasource === null ? noOffer : offer',
        by: 'datasource === null ? { app: {}, unit: {} } : offer',
      },
    ],
  },
  {
    name: 'secret-uri-is-left',
    breaks: 'a secret that is not shared any more is not named',
    patches: [
      {
        file: 'src/exchange/secret-sharing.ts',
        replace: "isShared(view, relation) ? {} : offerSecretDatabag('');",
        by: 'isShared(view, relation) ? {} : {};',
      },
    ],
  },
];
