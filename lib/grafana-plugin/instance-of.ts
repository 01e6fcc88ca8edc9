import { createHash } from 'node:crypto';
import type { Logger } from '#lib/go-plugin';
import type { Awaitable, Datasource, InstanceContext } from './datasource.ts';
import { DatasourceError } from './errors.ts';
import type { GrafanaConfig } from './grafana-config.ts';
import { Instances } from './instances.ts';
import {
  type AppSettings,
  type DatasourceSettings,
  type PluginContext,
  parseSettings,
} from './plugin-context.ts';
import type { Schema } from './schema.ts';
import { beyondCall, currentScope } from './scope.ts';

/** How a plugin makes what answers its calls, of whichever settings its kind has. */
export interface InstanceMaker {
  /** What tells this call's instance from others; undefined where the call is about none. */
  settings(context: PluginContext): { readonly key: string; readonly updated: Date } | undefined;
  create(context: PluginContext): Awaitable<Datasource>;
}

interface Making<Settings, JsonData> {
  readonly settings?: Schema<JsonData>;
  create(settings: Settings, about: InstanceContext): Awaitable<Datasource>;
}

export function datasourceMaker<JsonData>(
  { settings: schema, create }: Making<DatasourceSettings<JsonData>, JsonData>,
  log: Logger,
): InstanceMaker {
  return {
    // A UID is unique within its organisation only, and organisations must never get each other's credentials.
    settings: ({ datasource, orgId }) =>
      datasource && { key: `${orgId} ${datasource.uid}`, updated: datasource.updated },
    create: async (context) =>
      create(await read(context.datasource as DatasourceSettings<JsonData>, schema), { context, log }),
  };
}

export function appMaker<JsonData>(
  { settings: schema, create }: Making<AppSettings<JsonData>, JsonData>,
  log: Logger,
): InstanceMaker {
  return {
    settings: ({ app, orgId }) => app && { key: String(orgId), updated: app.updated },
    create: async (context) =>
      create(await read(context.app as AppSettings<JsonData>, schema), { context, log }),
  };
}

/** Without a schema the author takes them as they come. */
function read<Settings extends { readonly jsonData: JsonData }, JsonData>(
  settings: Settings,
  schema: Schema<JsonData> | undefined,
): Awaitable<Settings> {
  return schema === undefined ? settings : parseSettings(settings, schema);
}

/** As Grafana's own SDK with the toggle: an instance that nobody asks for is one that costs memory for nothing. */
const idleMs = 60 * 60 * 1000;

/** Finds the instance for each call, and disposes of those that have had their time. */
export class PluginInstances {
  readonly #maker: InstanceMaker;
  readonly #instances: Instances<Datasource>;

  constructor(maker: InstanceMaker, log: Logger) {
    this.#maker = maker;
    this.#instances = new Instances({
      onDisposeError: (error) => log.error('An instance could not be disposed of', { error }),
    });
  }

  get counts(): { readonly active: number; readonly created: number } {
    return { active: this.#instances.active, created: this.#instances.created };
  }

  of(context: PluginContext): Promise<Datasource> {
    const settings = this.#maker.settings(context);
    if (settings === undefined) {
      throw new DatasourceError('the call is about no datasource or app that is set up', { status: 400 });
    }
    const { grafana } = context;
    // Grafana's tenants share a process, and a proxy's key decides where its requests may go.
    const tenant = currentScope()?.call.metadata.get('tenantid') ?? '';
    const key = JSON.stringify([settings.key, tenant, proxyHash(grafana)]);
    const fingerprint = { updatedMs: settings.updated.getTime(), config: grafana.values };
    return beyondCall(() =>
      this.#instances.get(
        key,
        fingerprint,
        () => this.#maker.create(context),
        grafana.featureToggles.has('ttlPluginInstanceManager') ? idleMs : undefined,
      ),
    );
  }

  dispose(): Promise<void> {
    return this.#instances.dispose();
  }
}

function proxyHash(grafana: GrafanaConfig): string {
  const key = grafana.get('GF_SECURE_SOCKS_DATASOURCE_PROXY_CLIENT_KEY_VAL');
  return key === undefined || key === '' ? '' : createHash('sha256').update(key).digest('hex');
}
