import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as react from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { loadAmd } from '../lib/grafana-plugin/build/amd.ts';
import { build } from '../lib/grafana-plugin/build/plugin-folder.ts';

type Props = Readonly<Record<string, unknown>>;
export type Editor = (props: Props) => react.ReactNode;

/** What the frontend of an example hands to Grafana. */
export interface Frontend {
  readonly datasource: new (settings: Props) => Readonly<Record<string, (...args: unknown[]) => unknown>>;
  readonly queryEditor: Editor;
  readonly configEditor: Editor;
  /** What it asks Grafana for. */
  readonly names: readonly string[];
  open(editor: Editor, props: Props): OpenEditor;
}

/** An editor on the screen. */
export interface OpenEditor {
  html(): string;
  /** The props of the control that a label is for. A handler that is not there can't be called. */
  control(label: string): Readonly<Record<string, (value?: unknown) => void>> & Props;
  /** Runs what React would once it is on the screen, and lets promises settle. */
  mount(): Promise<void>;
  close(): void;
}

/** Builds an example without its executables, and loads module.js as Grafana does. */
export async function loadFrontend(folder: string): Promise<Frontend> {
  const out = await mkdtemp(join(tmpdir(), 'crosslink-example-test-'));
  try {
    await build(folder, join(out, 'dist'));
    const screen = new Screen();
    const code = await readFile(join(out, 'dist/module.js'), 'utf8');
    const { names, exports } = loadAmd(code, screen.provided);
    const plugin = exports.plugin as DataSourcePlugin;
    return { ...(plugin.parts as Omit<Frontend, 'names' | 'open'>), names, open: screen.open };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

class DataSourcePlugin {
  readonly parts: Record<string, unknown>;
  constructor(datasource: unknown) {
    this.parts = { datasource };
  }
  setConfigEditor(configEditor: unknown): this {
    this.parts.configEditor = configEditor;
    return this;
  }
  setQueryEditor(queryEditor: unknown): this {
    this.parts.queryEditor = queryEditor;
    return this;
  }
}

class DataSourceWithBackend {
  readonly settings: unknown;
  constructor(settings: unknown) {
    this.settings = settings;
  }
}

/** Stands for Grafana's components, and for React's hooks: without a browser, React forgets state and runs no effects. */
class Screen {
  readonly #controls = new Map<string, Props>();
  #states: unknown[] = [];
  #effects: (() => undefined | (() => void))[] = [];
  #at = 0;

  readonly provided = {
    '@grafana/data': { DataSourcePlugin },
    '@grafana/runtime': {
      DataSourceWithBackend,
      getTemplateSrv: () => ({
        replace: (text = '', variables: Readonly<Record<string, { value: unknown }>> = {}) =>
          text.replaceAll(/\$(\w+)/g, (whole, name: string) => String(variables[name]?.value ?? whole)),
      }),
    },
    '@grafana/ui': {
      InlineField: this.#field.bind(this),
      Input: ({ id, type, value, placeholder }: Props) =>
        react.createElement('input', { id, type, value, placeholder, readOnly: true }),
      SecretInput: ({ id, isConfigured, value }: Props) =>
        react.createElement('input', { id, value: isConfigured ? 'configured' : value, readOnly: true }),
      InlineSwitch: ({ id, value }: Props) =>
        react.createElement('input', { id, type: 'checkbox', checked: value, readOnly: true }),
      Button: ({ id, children }: Props) =>
        react.createElement('button', { id, type: 'button' }, children as react.ReactNode),
      // As Grafana's: several inputs, so that a label can't be for the id.
      RadioButtonGroup: ({ options, value, ...props }: Props) =>
        react.createElement(
          'div',
          { 'aria-label': props['aria-label'], role: 'radiogroup' },
          (options as { value: string; label: string }[]).map((option) =>
            react.createElement(
              'b',
              { key: option.value, 'aria-checked': option.value === value },
              option.label,
            ),
          ),
        ),
    },
    react: {
      ...react,
      useState: (first: unknown) => {
        const at = this.#at++;
        if (at === this.#states.length) this.#states.push(first);
        const set = (value: unknown) => {
          this.#states[at] = value;
        };
        return [this.#states[at], set];
      },
      useEffect: (effect: () => undefined | (() => void)) => this.#effects.push(effect),
    },
  };

  /** As Grafana's: the label is for the control inside of it, by the id of that. */
  #field({ label, children, invalid, error }: Props): react.ReactNode {
    const control = children as react.ReactElement<Props>;
    this.#controls.set(String(label), control.props);
    const text = react.createElement('label', { htmlFor: control.props.id as string }, String(label));
    const problem = invalid ? react.createElement('div', { role: 'alert' }, String(error)) : undefined;
    return react.createElement('div', {}, text, control, problem);
  }

  readonly open = (editor: Editor, props: Props): OpenEditor => {
    this.#states = [];
    let close: (undefined | (() => void))[] = [];
    const html = () => {
      this.#at = 0;
      this.#effects = [];
      this.#controls.clear();
      return renderToStaticMarkup(react.createElement(editor, props));
    };
    html();
    return {
      html,
      control: (label) => {
        const control = this.#controls.get(label);
        if (control === undefined) throw new Error(`no '${label}' in ${html()}`);
        return control as ReturnType<OpenEditor['control']>;
      },
      mount: async () => {
        close = this.#effects.map((effect) => effect());
        await new Promise((resolve) => setImmediate(resolve));
      },
      close: () => {
        for (const each of close) each?.();
      },
    };
  };
}

/** Controls of an editor that have no label, and labels that are for none. */
export function unlabelled(html: string): string[] {
  const labels = [...html.matchAll(/<label for="([^"]+)">/g)].map(([, id]) => id);
  const controls = [...html.matchAll(/<(?:input|button|div role)[^>]*>/g)].flatMap(([tag]) => {
    if (/ aria-label="[^"]+"/.test(tag)) return [];
    return [/ id="([^"]+)"/.exec(tag)?.[1] ?? tag];
  });
  return [...new Set(labels).symmetricDifference(new Set(controls))].map(String);
}
