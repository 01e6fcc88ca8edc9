import type { PlantedBug } from './planted-bug.ts';

/** Bugs of what touches Juju and Grafana in a hook. */
export const inCharm: readonly PlantedBug[] = [
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
    name: 'hook-fails-with-grafana',
    breaks: 'a Grafana that fails is a status',
    crashes: true,
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
    crashes: true,
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
  {
    name: 'old-revisions-stay',
    breaks: 'a revision of a secret that nobody reads is removed',
    patches: [
      {
        file: 'charm/own-secret.ts',
        replace: 'if (obsolete !== null) await tools.secretRemove(uri, { revision: obsolete });',
        by: 'void obsolete;',
      },
    ],
  },
  {
    name: 'secret-is-left',
    breaks: 'what nobody is to read is removed',
    patches: [
      {
        file: 'charm/own-secret.ts',
        replace: 'if (known !== null) await tools.secretRemove(known);',
        by: 'void known;',
      },
    ],
  },
];
