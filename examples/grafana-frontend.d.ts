/**
 * The part of Grafana's frontend packages that the editors of the examples use. Grafana provides the packages
 * themselves to every plugin; to install them for their types alone would bring hundreds of megabytes. A plugin of
 * your own is better off with the real ones: docs/grafana-plugin.md has the command.
 * @see grafana/grafana: packages/grafana-data, packages/grafana-runtime, packages/grafana-ui
 */

declare module '@grafana/schema' {
  /** What every query has; a plugin's own extends it. */
  export interface DataQuery {
    refId: string;
    hide?: boolean;
    key?: string;
    queryType?: string;
    datasource?: { type?: string; uid?: string } | null;
  }
  /** What is in every datasource's `jsonData`; a plugin's own extends it. */
  export interface DataSourceJsonData {
    authType?: string;
    defaultRegion?: string;
    profile?: string;
    manageAlerts?: boolean;
    alertmanagerUid?: string;
  }
}

declare module '@grafana/data' {
  import type { DataQuery, DataSourceJsonData } from '@grafana/schema';
  import type { ComponentType } from 'react';

  export type { DataQuery, DataSourceJsonData } from '@grafana/schema';

  export interface SelectableValue<T = unknown> {
    label?: string;
    value?: T;
    description?: string;
    icon?: string;
  }

  export enum CoreApp {
    CloudAlerting = 'cloud-alerting',
    UnifiedAlerting = 'unified-alerting',
    Dashboard = 'dashboard',
    Explore = 'explore',
    Unknown = 'unknown',
    PanelEditor = 'panel-editor',
    PanelViewer = 'panel-viewer',
  }

  export interface DataSourceInstanceSettings<O extends DataSourceJsonData = DataSourceJsonData> {
    id: number;
    uid: string;
    type: string;
    name: string;
    url?: string;
    jsonData: O;
    readOnly?: boolean;
  }

  export interface DataSourceSettings<O extends DataSourceJsonData = DataSourceJsonData, S = object> {
    id: number;
    uid: string;
    orgId: number;
    name: string;
    type: string;
    access: string;
    url: string;
    user: string;
    database: string;
    basicAuth: boolean;
    basicAuthUser: string;
    isDefault: boolean;
    jsonData: O;
    /** Set while it is being typed; Grafana never sends it back. */
    secureJsonData?: S;
    /** Which of them are set. */
    secureJsonFields: Record<string, boolean>;
    readOnly: boolean;
    withCredentials: boolean;
  }

  export type ScopedVars = Record<string, { text?: unknown; value: unknown } | undefined>;

  export interface TimeRange {
    from: { valueOf(): number };
    to: { valueOf(): number };
    raw: { from: unknown; to: unknown };
  }

  export interface DataQueryRequest<Q extends DataQuery = DataQuery> {
    requestId: string;
    interval: string;
    intervalMs: number;
    maxDataPoints?: number;
    range: TimeRange;
    scopedVars: ScopedVars;
    targets: Q[];
    timezone: string;
    app: string;
    startTime: number;
  }

  export interface DataQueryResponse {
    data: unknown[];
    key?: string;
    state?: string;
    errors?: { message?: string; refId?: string }[];
  }

  export abstract class DataSourceApi<
    Q extends DataQuery = DataQuery,
    O extends DataSourceJsonData = DataSourceJsonData,
  > {
    constructor(settings: DataSourceInstanceSettings<O>);
    readonly name: string;
    readonly id: number;
    readonly type: string;
    readonly uid: string;
    /** What a new query begins with. */
    getDefaultQuery?(app: CoreApp): Partial<Q>;
    /** Whether it is worth asking for. */
    filterQuery?(query: Q): boolean;
    annotations?: unknown;
  }

  export interface QueryEditorProps<
    DS,
    Q extends DataQuery = DataQuery,
    O extends DataSourceJsonData = DataSourceJsonData,
  > {
    datasource: DS;
    query: Q;
    queries?: Q[];
    range?: TimeRange;
    app?: CoreApp;
    data?: unknown;
    onChange(value: Q): void;
    onRunQuery(): void;
    onAddQuery?(query: Q): void;
    /** Only there to bind the type of the options. */
    readonly __options?: O;
  }

  export interface DataSourcePluginOptionsEditorProps<
    O extends DataSourceJsonData = DataSourceJsonData,
    S = object,
  > {
    options: DataSourceSettings<O, S>;
    onOptionsChange(options: DataSourceSettings<O, S>): void;
  }

  export class DataSourcePlugin<
    // biome-ignore lint/suspicious/noExplicitAny: any datasource, whatever its queries and options
    DS extends DataSourceApi<any, any>,
    Q extends DataQuery = DataQuery,
    O extends DataSourceJsonData = DataSourceJsonData,
    S = object,
  > {
    constructor(datasource: new (settings: DataSourceInstanceSettings<O>) => DS);
    setConfigEditor(editor: ComponentType<DataSourcePluginOptionsEditorProps<O, S>>): this;
    setQueryEditor(editor: ComponentType<QueryEditorProps<DS, Q, O>>): this;
    setQueryEditorHelp(help: ComponentType<unknown>): this;
  }
}

declare module '@grafana/runtime' {
  import type { DataQueryRequest, DataQueryResponse, ScopedVars } from '@grafana/data';
  import { DataSourceApi, type DataSourceInstanceSettings } from '@grafana/data';
  import type { DataQuery, DataSourceJsonData } from '@grafana/schema';

  /** Of rxjs, as far as it is handed through. */
  export interface Observable<T> {
    subscribe(observer: {
      next?: (value: T) => void;
      error?: (error: unknown) => void;
      complete?: () => void;
    }): {
      unsubscribe(): void;
    };
  }

  /** Sends queries, health checks and resource calls to the backend. */
  export class DataSourceWithBackend<
    Q extends DataQuery = DataQuery,
    O extends DataSourceJsonData = DataSourceJsonData,
  > extends DataSourceApi<Q, O> {
    constructor(settings: DataSourceInstanceSettings<O>);
    query(request: DataQueryRequest<Q>): Observable<DataQueryResponse>;
    applyTemplateVariables(query: Q, scopedVars: ScopedVars): Q;
    getResource<T = unknown>(path: string, params?: Record<string, unknown>): Promise<T>;
    postResource<T = unknown>(path: string, data?: Record<string, unknown>): Promise<T>;
    testDatasource(): Promise<{ status: string; message: string }>;
  }

  export interface TemplateSrv {
    replace(target?: string, scopedVars?: ScopedVars, format?: string): string;
    getVariables(): { name: string }[];
  }
  export function getTemplateSrv(): TemplateSrv;
}

declare module '@grafana/ui' {
  import type { SelectableValue } from '@grafana/data';
  import type {
    ButtonHTMLAttributes,
    ComponentType,
    InputHTMLAttributes,
    PropsWithChildren,
    ReactNode,
  } from 'react';

  interface FieldText {
    label?: ReactNode;
    description?: ReactNode;
    invalid?: boolean;
    error?: ReactNode;
    required?: boolean;
    disabled?: boolean;
    htmlFor?: string;
  }
  /** Label and control side by side. Widths are in units of 8 pixels. */
  export const InlineField: ComponentType<
    PropsWithChildren<
      FieldText & {
        tooltip?: ReactNode;
        labelWidth?: number | 'auto';
        grow?: boolean;
        shrink?: boolean;
        interactive?: boolean;
      }
    >
  >;

  interface InputProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'prefix' | 'width'> {
    width?: number;
    prefix?: ReactNode;
    suffix?: ReactNode;
    invalid?: boolean;
    loading?: boolean;
  }
  export const Input: ComponentType<InputProps>;
  interface SecretProps {
    isConfigured: boolean;
    onReset(): void;
  }
  /** For what is in `secureJsonData`: never shows it again. */
  export const SecretInput: ComponentType<InputProps & SecretProps>;
  interface SwitchProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'value'> {
    value?: boolean;
  }
  export const InlineSwitch: ComponentType<SwitchProps & { label?: string; showLabel?: boolean }>;

  export function RadioButtonGroup<T>(props: {
    id?: string;
    options: SelectableValue<T>[];
    value?: T;
    onChange?(value: T): void;
    size?: 'sm' | 'md';
    fullWidth?: boolean;
    disabled?: boolean;
    'aria-label'?: string;
  }): ReactNode;

  export const Button: ComponentType<
    ButtonHTMLAttributes<HTMLButtonElement> & {
      variant?: 'primary' | 'secondary' | 'destructive' | 'success';
      size?: 'xs' | 'sm' | 'md' | 'lg';
      icon?: string;
    }
  >;
}

/** Of the browser, as far as editors read what was typed: this project has no DOM types otherwise. */
interface HTMLInputElement {
  value: string;
  checked: boolean;
  valueAsNumber: number;
}
