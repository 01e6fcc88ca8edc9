import { DatasourceError } from './errors.ts';
import { GrafanaConfig } from './grafana-config.ts';
import type * as pb from './proto/backend_pb.ts';
import { readAs, type Schema } from './schema.ts';

/** Who asks. */
export interface User {
  readonly login: string;
  readonly name: string;
  readonly email: string;
  /** In the organisation of the call: `Viewer`, `Editor`, `Admin`, or nothing. */
  readonly role: string;
}

/** How somebody has set up a datasource. */
export interface DatasourceSettings<JsonData = unknown> {
  /** By which Grafana, and links to it, know it. */
  readonly uid: string;
  readonly name: string;
  /** The plugin's id. */
  readonly type: string;
  readonly url: string;
  readonly user: string;
  readonly database: string;
  readonly basicAuthEnabled: boolean;
  readonly basicAuthUser: string;
  readonly jsonData: JsonData;
  /**
   * Decrypted: in no log, no error, no trace. It does not show when the settings are printed or made into JSON, so
   * that it takes a deliberate step to get it there.
   */
  readonly secureJsonData: Readonly<Record<string, string>>;
  readonly updated: Date;
  readonly apiVersion: string;
  /** @deprecated Grafana's number for it, which differs between Grafanas. */
  readonly id: number;
}

/** How somebody has set up an app plugin. */
export interface AppSettings<JsonData = unknown> {
  readonly jsonData: JsonData;
  /** As a datasource's: decrypted, and hidden from print. */
  readonly secureJsonData: Readonly<Record<string, string>>;
  readonly updated: Date;
  readonly apiVersion: string;
}

/** Where a call comes from, and what it is about. */
export interface PluginContext {
  /** bigint on the wire; Grafana counts organisations from 1. */
  readonly orgId: number;
  readonly pluginId: string;
  readonly pluginVersion: string;
  /** Undefined where Grafana itself asks, as for an alert rule. */
  readonly user: User | undefined;
  /** Undefined where the call is not about a datasource. */
  readonly datasource: DatasourceSettings | undefined;
  /** Undefined where the call is not to an app plugin. */
  readonly app: AppSettings | undefined;
  readonly grafana: GrafanaConfig;
  /** `Grafana/12.4.0 (linux; amd64)`, or nothing. */
  readonly userAgent: string;
  readonly apiVersion: string;
  /** Grafana's stack or organisation, in Kubernetes' terms. */
  readonly namespace: string;
}

const noConfig = new GrafanaConfig();
const decoder = new TextDecoder();

export function pluginContextFrom(message: pb.PluginContext | undefined): PluginContext {
  return new ReceivedContext(message);
}

/** Read as it is asked for: most calls look at little of it. */
class ReceivedContext implements PluginContext {
  readonly orgId: number;
  readonly pluginId: string;
  readonly pluginVersion: string;
  readonly user: User | undefined;
  readonly grafana: GrafanaConfig;
  readonly userAgent: string;
  readonly apiVersion: string;
  readonly namespace: string;
  readonly #message: pb.PluginContext | undefined;
  #datasource: DatasourceSettings | undefined;
  #app: AppSettings | undefined;

  constructor(message: pb.PluginContext | undefined) {
    this.#message = message;
    this.orgId = Number(message?.orgId ?? 0n);
    this.pluginId = message?.pluginId ?? '';
    this.pluginVersion = message?.pluginVersion ?? '';
    const user = message?.user;
    this.user = user && { login: user.login, name: user.name, email: user.email, role: user.role };
    this.grafana = message === undefined ? noConfig : new GrafanaConfig(message.grafanaConfig);
    this.userAgent = message?.userAgent ?? '';
    this.apiVersion = message?.apiVersion ?? '';
    this.namespace = message?.namespace ?? '';
  }

  get datasource(): DatasourceSettings | undefined {
    const settings = this.#message?.dataSourceInstanceSettings;
    if (settings === undefined) return undefined;
    this.#datasource ??= datasourceSettingsFrom(settings, this.pluginId);
    return this.#datasource;
  }

  get app(): AppSettings | undefined {
    const settings = this.#message?.appInstanceSettings;
    if (settings === undefined) return undefined;
    this.#app ??= appSettingsFrom(settings);
    return this.#app;
  }
}

function datasourceSettingsFrom(message: pb.DataSourceInstanceSettings, type: string): DatasourceSettings {
  const what = `the jsonData of datasource ${message.name}`;
  return settingsWith(message, what, {
    uid: message.uid,
    name: message.name,
    type,
    url: message.url,
    user: message.user,
    database: message.database,
    basicAuthEnabled: message.basicAuthEnabled,
    basicAuthUser: message.basicAuthUser,
    updated: new Date(Number(message.lastUpdatedMS)),
    apiVersion: message.apiVersion,
    id: Number(message.id),
  });
}

function appSettingsFrom(message: pb.AppInstanceSettings): AppSettings {
  return settingsWith(message, 'the jsonData of the app', {
    updated: new Date(Number(message.lastUpdatedMS)),
    apiVersion: message.apiVersion,
  });
}

/**
 * The settings with `jsonData` as the author's schema reads it.
 * @throws {DatasourceError} status 400, with each thing that is wrong: whoever set the datasource up can mend it
 */
export async function parseSettings<Settings extends { readonly jsonData: unknown }, JsonData>(
  settings: Settings,
  schema: Schema<JsonData>,
): Promise<Settings & { readonly jsonData: JsonData }> {
  const jsonData = await readAs(schema, settings.jsonData, 'its settings are wrong');
  // Descriptors, because the secrets are not among what a spread takes.
  const copy = Object.create(Object.prototype, Object.getOwnPropertyDescriptors(settings));
  return Object.defineProperty(copy, 'jsonData', { value: jsonData, enumerable: true });
}

/** JSON that Grafana sends; nothing is `{}`, as an editor that was never opened leaves it. */
export function jsonFrom(bytes: Uint8Array, what: string): unknown {
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new DatasourceError(`${what} is no JSON`, { status: 400, cause });
  }
}

function settingsWith<T extends object>(
  message: pb.DataSourceInstanceSettings | pb.AppInstanceSettings,
  what: string,
  settings: T,
): T & { readonly jsonData: unknown; readonly secureJsonData: Readonly<Record<string, string>> } {
  let jsonData: unknown;
  return Object.defineProperties(settings, {
    // Read when it is asked for: it may be wrong, which is nothing to those who only want the name.
    jsonData: {
      get() {
        // null is what Grafana has for settings that were made without any.
        jsonData ??= jsonFrom(message.jsonData, what) ?? {};
        return jsonData;
      },
      enumerable: true,
      configurable: true,
    },
    // Not enumerable: neither util.inspect nor JSON.stringify shows it.
    secureJsonData: { value: message.decryptedSecureJsonData, enumerable: false },
  }) as T & { jsonData: unknown; secureJsonData: Readonly<Record<string, string>> };
}
