import type { PlantedBug } from './planted-bug.ts';

/** Bugs of what speaks with Grafana. */
export const inGrafana: readonly PlantedBug[] = [
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
];
