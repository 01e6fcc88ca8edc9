/** A change of the charm's source that breaks one of its promises. */
export interface PlantedBug {
  readonly name: string;
  /** What no longer holds. */
  readonly breaks: string;
  readonly patches: readonly Patch[];
}

export interface Patch {
  /** From the project's folder. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly replace: string;
  readonly by: string;
}

/** Bugs that somebody could really write, one at a time: the simulation has to find each of them. */
export const bugs: readonly PlantedBug[] = [
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
    name: 'delete-by-name',
    breaks: 'a gateway deletes only what it made',
    patches: [
      {
        file: 'src/grafana/provisioner/plan.ts',
        replace: 'held.filter((datasource) => ownMarker(datasource, gateway) !== undefined)',
        by: "held.filter(({ name }) => name.includes('juju_'))",
      },
      {
        file: 'src/grafana/provisioner/provision.ts',
        replace: 'held === undefined || ownMarker(held, gateway) === undefined',
        by: 'held === undefined || gateway === undefined',
      },
    ],
  },
  {
    name: 'publish-early',
    breaks: 'UIDs are told after Grafana has the datasource',
    patches: [
      {
        file: 'charm/apply.ts',
        replace:
          '    if (databag.needs.some((name) => failures.has(name) || correlated.failures.has(name))) continue;\n',
        by: '',
      },
    ],
  },
  {
    name: 'forget-the-rest',
    breaks: 'what could not be tried counts as failed',
    patches: [
      {
        file: 'src/grafana/provisioner/provision.ts',
        replace: '      failures.set(uid, fatal);\n      continue;',
        by: '      continue;',
      },
    ],
  },
  {
    name: 'never-delete',
    breaks: 'the datasource of a unit that departed is deleted',
    patches: [
      {
        file: 'src/grafana/provisioner/plan.ts',
        replace: 'gone.filter(({ readOnly }) => !readOnly)',
        by: 'gone.filter(({ readOnly, uid }) => !readOnly && wanted.has(uid))',
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
    name: 'swallowed-409',
    breaks: 'a conflict that is not our own earlier attempt is a failure',
    patches: [
      {
        file: 'src/grafana/provisioner/provision.ts',
        replace: '!mayExist || (await put(grafana, step)) === undefined',
        by: '!mayExist',
      },
    ],
  },
  {
    name: 'adopts',
    breaks: 'nothing is adopted silently',
    patches: [
      {
        file: 'src/grafana/provisioner/marker.ts',
        replace: '  return marker?.gateway === gateway ? marker : undefined;',
        by: `  if (marker === undefined && !Object.hasOwn(datasource.jsonData, markerKey) && isDatasourceUid(datasource.uid))
    return { gateway, uid: datasource.uid, keys: [], secureKeys: [] };
  return marker?.gateway === gateway ? marker : undefined;`,
      },
    ],
  },
  {
    name: 'copies-are-ours',
    breaks: 'a copy of our datasource is not ours',
    patches: [
      {
        file: 'src/grafana/provisioner/marker.ts',
        replace: 'marker.uid === uid && isPlainUid(uid)',
        by: 'isPlainUid(uid)',
      },
    ],
  },
  {
    name: 'leaving-unit-decides',
    breaks: 'a unit that leaves decides nothing',
    patches: [
      {
        file: 'charm/main.ts',
        replace: '  if (await isLeaving(world.context, world.tools)) return;\n',
        by: '  void isLeaving;\n',
      },
      // The second look is enough by itself to keep what is there.
      {
        file: 'charm/main.ts',
        replace: 'const own = await ownPartOf(world, observed.view, intent);',
        by: 'const own = ownPartOf.length > 0 ? intent : null;',
      },
    ],
  },
  {
    name: 'dying-leader-decides',
    breaks: 'a unit that leaves takes nothing away',
    patches: [
      {
        file: 'charm/main.ts',
        replace: 'const own = await ownPartOf(world, observed.view, intent);',
        by: 'const own = ownPartOf.length > 0 ? intent : null;',
      },
    ],
  },
  {
    name: 'unseen-is-gone',
    breaks: 'a unit that is new takes nobody for gone',
    patches: [
      {
        file: 'charm/present-units.ts',
        replace: 'missing.length === 0 ? [] : await thatStay(tools, event, found, missing);',
        by: 'missing.length === 0 ? [] : (await thatStay(tools, event, found, missing)).slice(0, 0);',
      },
    ],
  },
  {
    name: 'drops-hand-made-keys',
    breaks: 'what an operator added by hand stays',
    patches: [
      {
        file: 'src/grafana/provisioner/plan.ts',
        replace: 'Object.entries(held).filter(([key]) => !ours.has(key));',
        by: 'Object.entries(held).filter(([key]) => key === markerKey && !ours.has(key));',
      },
    ],
  },
  {
    name: 'undoes-renames',
    breaks: 'a datasource keeps the name that an operator gave it',
    patches: [
      {
        file: 'src/grafana/provisioner/provision.ts',
        replace: '        ...unchanged(held),\n',
        by: '        ...unchanged(held),\n        name: desired.name,\n',
      },
    ],
  },
  {
    name: 'keeps-old-secret',
    breaks: 'a secret that was rotated reaches Grafana',
    patches: [
      {
        file: 'charm/fingerprint.ts',
        replace: 'JSON.stringify([remoteApp, sorted])',
        by: 'JSON.stringify([remoteApp, sorted.map(([key]) => key)])',
      },
    ],
  },
  {
    name: 'logs-a-secret',
    breaks: 'no secret is in a log',
    patches: [
      {
        file: 'charm/apply.ts',
        replace: 'await provisioned(intent, observed);',
        by: `await provisioned(intent, observed);
  if (changes.length > 0)
    await world.tools.jujuLog('DEBUG', JSON.stringify([changes, ...observed.secrets.ofSources.values()]));`,
      },
    ],
  },
  {
    name: 'secret-in-databag',
    breaks: 'no secret is in a databag',
    patches: [
      {
        file: 'charm/own-secret.ts',
        replace: 'const databag = offerSecretDatabag(uri);',
        by: "const databag = { ...offerSecretDatabag(uri), 'secure-json-data': JSON.stringify(data) };",
      },
    ],
  },
  {
    name: 'always-updates',
    breaks: 'no write to Grafana without a difference',
    patches: [
      {
        file: 'src/grafana/provisioner/plan.ts',
        replace: '      if (isAsWanted(have, want, fitting, before)) continue;\n',
        by: '      if (have.readOnly && isAsWanted(have, want, fitting, before)) continue;\n',
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
    name: 'time-out-is-success',
    breaks: 'what was not answered is not told',
    patches: [
      {
        file: 'src/grafana/provisioner/provision.ts',
        replace: '    const mayExist =\n',
        by: "    if (isGrafanaApiError(error, 'TIMEOUT')) return { kind: 'created', uid, name };\n    const mayExist =\n",
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
    name: 'marks-afterwards',
    breaks: 'what was made without an answer is found again',
    patches: [
      {
        file: 'src/grafana/provisioner/provision.ts',
        replace: '    jsonData: mergedJsonData({}, desired, marker, undefined),\n',
        by: '    jsonData: desired.jsonData,\n',
      },
    ],
  },
  {
    name: 'deletes-others-correlations',
    breaks: 'a gateway deletes only correlations that it made',
    patches: [
      {
        file: 'src/grafana/provisioner/correlation-plan.ts',
        replace:
          '  return marker?.gateway === gateway && !provisioned && isPlainUid(uid) ? marker.kind : undefined;',
        by: "  return gateway !== '' && !provisioned && isPlainUid(uid) ? (marker?.kind ?? 'none') : undefined;",
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
    name: 'lost-leader-sees-nothing',
    breaks: 'what a unit that led can not read is not gone',
    patches: [
      {
        file: 'charm/relations.ts',
        replace: '        if (self.leader && !(await tools.isLeader())) throw new LeadershipLostError();\n',
        by: '        void LeadershipLostError;\n',
      },
    ],
  },
  {
    name: 'throws-on-bad-data',
    breaks: 'what is remote and bad is a finding',
    patches: [
      {
        file: 'src/relations/read-key.ts',
        replace: 'if (result.success) return result.data;\n',
        by: 'if (result.success) return result.data;\n    if (issues.length > 0) throw result.error;\n',
      },
      {
        file: 'src/relations/read-key.ts',
        replace: 'const result = schema.safeParse(raw);',
        by: 'const result = { ...schema.safeParse(raw), data: schema.parse(raw) };',
      },
    ],
  },
  {
    name: 'hook-fails-with-grafana',
    breaks: 'a Grafana that fails is a status',
    patches: [
      {
        file: 'charm/gateway.ts',
        replace: "error.fixedBy === 'developer') throw error;",
        by: "error.code === 'UNREACHABLE') throw error;",
      },
    ],
  },
  {
    name: 'hook-fails-without-lease',
    breaks: 'a leader that leads no longer ends its hook in peace',
    patches: [
      {
        file: 'charm/apply.ts',
        replace:
          "if (!isHookToolError(error, 'NOT_LEADER', 'RELATION_GONE', 'PERMISSION_DENIED')) throw error;",
        by: "if (!isHookToolError(error, 'RELATION_GONE')) throw error;",
      },
    ],
  },
  {
    name: 'failed-list-is-empty',
    breaks: 'what could not be asked is not empty',
    patches: [
      {
        file: 'charm/gateway.ts',
        replace: `  } catch (error) {
    return failed(error);
  }`,
        by: `  } catch (error) {
    failed(error);
    return { state: 'ok', held: [] };
  }`,
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
    name: 'new-fingerprint-key',
    breaks: 'fingerprints stay the same while secrets do',
    patches: [
      {
        file: 'charm/fingerprint.ts',
        replace: 'this.#kept ?? (this',
        by: '(this',
      },
    ],
  },
  {
    name: 'stale-message',
    breaks: 'the message of a status changes with what it is about',
    patches: [
      {
        file: 'charm/apply.ts',
        replace: '(wanted.status !== before.status || wanted.message !== before.message)',
        by: 'wanted.status !== before.status',
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
    name: 'keys-stay',
    breaks: 'a key that is no longer wanted goes',
    patches: [
      {
        file: 'src/grafana/provisioner/plan.ts',
        replace: 'new Set([...(before?.keys ?? []), markerKey])',
        by: 'new Set([...(before?.secureKeys ?? []), markerKey])',
      },
    ],
  },
  {
    name: 'type-is-not-compared',
    breaks: 'a datasource is of the type that was registered',
    patches: [
      {
        file: 'src/grafana/provisioner/plan.ts',
        replace: `    canonicalType(have.type) === canonicalType(want.type) &&
`,
        by: '',
      },
    ],
  },
  {
    name: 'url-is-not-compared',
    breaks: 'a URL that somebody changed is mended',
    patches: [
      {
        file: 'src/grafana/provisioner/plan.ts',
        replace: `    have.url === want.url &&
`,
        by: '',
      },
    ],
  },
  {
    name: 'installing-sees-nothing',
    breaks: 'a unit that is being installed takes nobody for gone',
    patches: [
      {
        file: 'charm/relations.ts',
        replace: `return event.kind === 'install' && sources.length === 0 ? null : sources;`,
        by: 'return sources;',
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
    name: 'says-nothing',
    breaks: 'it says anything at all',
    patches: [
      {
        file: 'charm/apply.ts',
        replace: 'for (const databag of intent.databags) {',
        by: 'for (const databag of intent.databags.slice(0, 0)) {',
      },
    ],
  },
];
