import { delimiter } from 'node:path';
import type { HookEvent } from '#lib/juju';
import { dispatchPath, hookName } from './hook-name.ts';

/** What a hook's environment says besides why it runs. */
export interface HookSetting {
  readonly unit: string;
  readonly modelName: string;
  readonly modelUuid: string;
  readonly jujuVersion: string;
  readonly machine: number;
  readonly contextId: string;
  /** Absolute. */
  readonly charmDirectory: string;
  /** Absolute: the executables named after the hook tools. */
  readonly toolDirectory: string;
  /** Of the agent's socket: a path, or `@` and a name in Linux's abstract space. */
  readonly socketAddress: string;
  /** The agent's own PATH. */
  readonly agentPath: string;
}

/**
 * The whole environment of one hook or action: Juju builds it from scratch and inherits nothing but PATH. Many
 * variables are set and empty on purpose; charms tell that from unset.
 * @see juju/juju: worker/uniter/runner/context/env.go
 */
export function hookEnvironment(event: HookEvent, setting: HookSetting): Record<string, string> {
  return {
    JUJU_DISPATCH_PATH: dispatchPath(event),
    JUJU_HOOK_NAME: event.kind === 'action' ? '' : hookName(event),
    CHARM_DIR: setting.charmDirectory,
    JUJU_CHARM_DIR: setting.charmDirectory,
    JUJU_UNIT_NAME: setting.unit,
    JUJU_MODEL_NAME: setting.modelName,
    JUJU_MODEL_UUID: setting.modelUuid,
    JUJU_VERSION: setting.jujuVersion,
    JUJU_CONTEXT_ID: setting.contextId,
    JUJU_AGENT_SOCKET_ADDRESS: setting.socketAddress,
    JUJU_AGENT_SOCKET_NETWORK: 'unix',
    JUJU_API_ADDRESSES: '127.0.0.1:17070',
    JUJU_MACHINE_ID: String(setting.machine),
    JUJU_PRINCIPAL_UNIT: '',
    JUJU_AVAILABILITY_ZONE: '',
    JUJU_CHARM_HTTP_PROXY: '',
    JUJU_CHARM_HTTPS_PROXY: '',
    JUJU_CHARM_FTP_PROXY: '',
    JUJU_CHARM_NO_PROXY: '',
    CLOUD_API_VERSION: '',
    ...(setting.jujuVersion.startsWith('3.')
      ? { JUJU_SLA: 'unsupported', JUJU_METER_STATUS: 'AMBER', JUJU_METER_INFO: 'not set' }
      : {}),
    PATH: setting.agentPath
      ? `${setting.toolDirectory}${delimiter}${setting.agentPath}`
      : setting.toolDirectory,
    LANG: 'C.UTF-8',
    TERM: 'tmux-256color',
    DEBIAN_FRONTEND: 'noninteractive',
    APT_LISTCHANGES_FRONTEND: 'none',
    ...eventVariables(event),
  };
}

function eventVariables(event: HookEvent): Record<string, string> {
  switch (event.kind) {
    case 'relation-created':
    case 'relation-broken':
    case 'relation-joined':
    case 'relation-changed':
    case 'relation-departed': {
      const { endpoint, relationId, remoteApp } = event;
      return {
        JUJU_RELATION: endpoint,
        JUJU_RELATION_ID: `${endpoint}:${relationId}`,
        JUJU_REMOTE_APP: remoteApp,
        JUJU_REMOTE_UNIT: 'remoteUnit' in event ? (event.remoteUnit ?? '') : '',
        ...(event.kind === 'relation-departed' ? { JUJU_DEPARTING_UNIT: event.departingUnit ?? '' } : {}),
      };
    }
    case 'secret-changed':
    case 'secret-rotate':
      return { JUJU_SECRET_ID: event.secretId, JUJU_SECRET_LABEL: event.label };
    case 'secret-remove':
    case 'secret-expired':
      return {
        JUJU_SECRET_ID: event.secretId,
        JUJU_SECRET_LABEL: event.label,
        JUJU_SECRET_REVISION: String(event.revision),
      };
    case 'action':
      return {
        JUJU_ACTION_NAME: event.action,
        JUJU_ACTION_UUID: event.actionId,
        JUJU_ACTION_TAG: `action-${event.actionId}`,
      };
    default:
      return {};
  }
}
