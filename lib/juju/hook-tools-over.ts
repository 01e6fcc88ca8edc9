import type { z } from 'zod';
import { HookToolError } from './errors.ts';
import type { HookTools, Port, SecretMetadata } from './hook-tools.ts';
import { logPieces } from './log-lines.ts';
import { formatPort } from './ports.ts';
import { withSecretFiles } from './secret-files.ts';
import * as output from './tool-output.ts';
import { toYamlSafeJson } from './yaml-safe-json.ts';

/** Carries one call to Juju and brings back what the tool wrote to stdout. */
export type ToolRunner = (tool: string, args: readonly string[], stdin?: string) => Promise<string>;

/**
 * Juju's own hook tools by their arguments and output, whatever carries them. Calls may overlap, and are taken one
 * by one in no promised order, so await a write before a read that depends on it.
 */
export function hookToolsOver(run: ToolRunner): HookTools {
  const tell = async (tool: string, args: readonly string[], stdin?: string): Promise<void> => {
    await run(tool, args, stdin);
  };

  const ask = async <Schema extends z.ZodType>(
    tool: string,
    schema: () => Schema,
    flags: readonly string[] = [],
    positionals: readonly string[] = [],
  ): Promise<z.infer<Schema>> => {
    const stdout = await run(tool, ['--format=json', ...flags, ...guarded(positionals)]);
    return output.parseOutput(tool, schema(), stdout);
  };

  return {
    relationIds: (endpoint) => ask('relation-ids', output.relationIds, [], [endpoint]),
    relationList: (relationId) => ask('relation-list', output.unitNames, on(relationId)),
    relationListApp: (relationId) => ask('relation-list', output.string, ['--app', ...on(relationId)]),
    relationGet: ({ relationId, of }) =>
      // Key first, then whose bag: `-` stands for all keys.
      ask(
        'relation-get',
        output.strings,
        [...on(relationId), ...when(!of.includes('/'), '--app')],
        ['-', of],
      ),
    relationSet: async ({ relationId, app = false, data }) =>
      // Values given as arguments are trimmed, and limited to 128 KiB each.
      tell('relation-set', [...on(relationId), ...when(app, '--app'), '--file', '-'], toYamlSafeJson(data)),
    relationModelGet: (relationId) => ask('relation-model-get', output.model, on(relationId)),

    configGet: () => ask('config-get', output.config),
    isLeader: () => ask('is-leader', output.boolean),
    statusSet: (status, message = '') => tell('status-set', guarded([status, message])),
    applicationStatusSet: (status, message = '') =>
      tell('status-set', ['--application', ...guarded([status, message])]),
    statusGet: () => ask('status-get', output.status, ['--include-data']),
    applicationStatusGet: () =>
      ask('status-get', output.applicationStatus, ['--application', '--include-data']),
    applicationVersionSet: (version) => tell('application-version-set', guarded([version])),
    jujuLog: async (level, message) => {
      for (const piece of logPieces(message)) await tell('juju-log', ['-l', level, ...guarded([piece])]);
    },
    goalState: () => ask('goal-state', output.goalState),
    credentialGet: () => ask('credential-get', output.credential),
    jujuReboot: ({ now = false } = {}) => tell('juju-reboot', when(now, '--now')),

    networkGet: (binding, { relationId } = {}) =>
      ask('network-get', output.network, relationId === undefined ? [] : on(relationId), [binding]),
    unitGet: (setting) => ask('unit-get', output.string, [], [setting]),
    openPort: (port) => tell('open-port', portArguments(port)),
    closePort: (port) => tell('close-port', portArguments(port)),
    openedPorts: () => ask('opened-ports', output.openedPorts, ['--endpoints']),

    secretAdd: (content, { owner, ...metadata } = {}) =>
      withSecretFiles(content, async (values) => {
        const flags = [...metadataFlags(metadata), ...option('--owner', owner)];
        return (await run('secret-add', [...flags, ...guarded(values)])).trim();
      }),
    secretSet: (uri, { content = {}, ...metadata }) =>
      withSecretFiles(content, (values) =>
        tell('secret-set', [...metadataFlags(metadata), ...guarded([uri, ...values])]),
      ),
    secretGet: ({ uri, label }, { refresh = false, peek = false } = {}) =>
      ask(
        'secret-get',
        output.strings,
        [...option('--label', label), ...when(peek, '--peek'), ...when(refresh, '--refresh')],
        uri === undefined ? [] : [uri],
      ),
    secretInfoGet: async ({ uri, label }) => {
      // The tool takes one of the two.
      const flags = uri === undefined ? option('--label', label) : [];
      const [info] = await ask('secret-info-get', output.secretInfo, flags, uri === undefined ? [] : [uri]);
      if (info) return info;
      const message = `secret "${uri ?? label}" not found`;
      throw new HookToolError(message, { code: 'SECRET_NOT_FOUND', tool: 'secret-info-get', exitCode: 0 });
    },
    secretIds: () => ask('secret-ids', output.sortedStrings),
    secretGrant: (uri, { relationId, unit }) =>
      tell('secret-grant', [...on(relationId), ...option('--unit', unit), ...guarded([uri])]),
    secretRevoke: (uri, target) => {
      const from =
        'relationId' in target
          ? on(target.relationId)
          : 'app' in target
            ? option('--app', target.app)
            : option('--unit', target.unit);
      return tell('secret-revoke', [...from, ...guarded([uri])]);
    },
    secretRemove: (uri, { revision } = {}) =>
      tell('secret-remove', [...option('--revision', revision?.toString()), ...guarded([uri])]),

    stateGet: () => ask('state-get', output.strings),
    stateSet: async (values) => tell('state-set', ['--file', '-'], toYamlSafeJson(values)),
    stateDelete: (key) => tell('state-delete', guarded([key])),

    actionGet: () => ask('action-get', output.actionParameters),
    actionSet: (results) =>
      tell('action-set', guarded(Object.entries(results).map(([key, value]) => `${key}=${value}`))),
    actionFail: (message) => tell('action-fail', message ? guarded([message]) : []),
    actionLog: (message) => tell('action-log', guarded([message])),

    storageList: (name) => ask('storage-list', output.sortedStrings, [], name === undefined ? [] : [name]),
    storageGet: (storageId) => ask('storage-get', output.storage, ['-s', storageId]),
    storageAdd: (name, count = 1) => tell('storage-add', guarded([`${name}=${count}`])),
    resourceGet: async (name) => (await run('resource-get', guarded([name]))).trim(),
  };
}

/** After `--` nothing is taken for a flag, whatever it starts with. */
function guarded(positionals: readonly string[]): string[] {
  return positionals.length === 0 ? [] : ['--', ...positionals];
}

function on(relationId: number): string[] {
  return ['-r', String(relationId)];
}

function when(condition: boolean, flag: string): string[] {
  return condition ? [flag] : [];
}

function option(flag: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${flag}=${value}`];
}

function metadataFlags({ label, description, rotate, expire }: SecretMetadata): string[] {
  return [
    ...option('--label', label),
    ...option('--description', description),
    ...option('--rotate', rotate),
    ...option('--expire', expire),
  ];
}

function portArguments(port: Port): string[] {
  return [...option('--endpoints', port.endpoints?.join(',')), ...guarded([formatPort(port)])];
}
