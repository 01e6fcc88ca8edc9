import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import * as z from 'zod';

const Message = z.object({
  id: z.number().optional(),
  sessionId: z.string().optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
const Evaluated = z.object({
  result: z.object({ value: z.unknown().optional() }),
  exceptionDetails: z
    .object({ text: z.string(), exception: z.object({ description: z.string().optional() }).optional() })
    .optional(),
});

type Params = Readonly<Record<string, unknown>>;
type Listener = (method: string, params: unknown) => void;

/** What a call to the browser may take; a page here takes milliseconds. */
const patienceMs = 30_000;

/**
 * A headless Chromium of its own profile, spoken to in its DevTools protocol over two pipes: no port is opened.
 * @see https://chromedevtools.github.io/devtools-protocol/
 */
export class Chromium {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, (message: z.infer<typeof Message>) => void>();
  readonly #listeners = new Map<string, Listener>();
  #lastId = 0;

  private constructor(process: ChildProcess, profile: string) {
    this.#process = process;
    this.#profile = profile;
    let text = '';
    const [, , , , fromBrowser] = process.stdio as unknown as Readable[];
    fromBrowser?.setEncoding('utf8').on('data', (chunk: string) => {
      const messages = `${text}${chunk}`.split('\0');
      text = messages.pop() ?? '';
      for (const message of messages) this.#take(Message.parse(JSON.parse(message)));
    });
  }

  /** @param command - which Chromium; `tests/browser/run` finds it */
  static async start(command: string): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), 'crosslink-chromium-'));
    const args = [
      '--headless=new',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--force-color-profile=srgb',
      '--hide-scrollbars',
      // Chromium's sandbox does not work for root, which is who one is in most containers.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      'about:blank',
    ];
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    await once(child, 'spawn');
    return new Chromium(child, profile);
  }

  async open(options: PageOptions): Promise<Page> {
    const { targetId } = z
      .object({ targetId: z.string() })
      .parse(await this.call('Target.createTarget', { url: 'about:blank' }));
    const attached = await this.call('Target.attachToTarget', { targetId, flatten: true });
    const { sessionId } = z.object({ sessionId: z.string() }).parse(attached);
    return Page.prepare((method, params) => this.call(method, params, sessionId), {
      ...options,
      listen: (listener) => this.#listeners.set(sessionId, listener),
    });
  }

  async call(method: string, params: Params = {}, sessionId?: string): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<z.infer<typeof Message>>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method}: Chromium does not answer`)), patienceMs);
      this.#waiting.set(id, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
    });
    const [, , , toBrowser] = this.#process.stdio as unknown as Writable[];
    toBrowser?.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { error, result } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'exit');
    await this.call('Browser.close');
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  #take(message: z.infer<typeof Message>): void {
    const { id, method, sessionId = '' } = message;
    if (id !== undefined) {
      this.#waiting.get(id)?.(message);
      this.#waiting.delete(id);
    } else if (method !== undefined) {
      this.#listeners.get(sessionId)?.(method, message.params);
    }
  }
}

export interface PageOptions {
  readonly width: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** Whether the page's script runs; it does when left out. */
  readonly script?: boolean;
}

type Call = (method: string, params?: Params) => Promise<unknown>;

/** One tab, and everything that it asked for or complained about. */
export class Page {
  /** URLs, the page's own first. */
  readonly requests: string[] = [];
  /** What the console shows: errors, warnings, what the policy refused. */
  readonly complaints: string[] = [];
  readonly #call: Call;
  #loaded: () => void = () => {};

  private constructor(call: Call) {
    this.#call = call;
  }

  static async prepare(
    call: Call,
    options: PageOptions & { readonly listen: (listener: Listener) => void },
  ): Promise<Page> {
    const { width, height = 900, dark = false, script = true } = options;
    const page = new Page(call);
    options.listen((method, params) => page.#hear(method, params));
    for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await call(`${domain}.enable`);
    await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }];
    await call('Emulation.setEmulatedMedia', { features });
    if (!script) await call('Emulation.setScriptExecutionDisabled', { value: true });
    return page;
  }

  async go(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => {
      this.#loaded = resolve;
    });
    await this.#call('Page.navigate', { url });
    await loaded;
  }

  /** @param expression - JavaScript, in the page; what comes of it, or is promised, has to be plain data */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.#call('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    const { result, exceptionDetails } = Evaluated.parse(answer);
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  async moveMouse(x: number, y: number): Promise<void> {
    await this.#call('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
  }

  /** @param key - as `KeyboardEvent.key` has it: `Tab`, `ArrowDown` */
  async press(key: string): Promise<void> {
    const windowsVirtualKeyCode = keyCodes[key] ?? 0;
    for (const type of ['rawKeyDown', 'keyUp']) {
      await this.#call('Input.dispatchKeyEvent', { type, key, code: key, windowsVirtualKeyCode });
    }
  }

  /** @returns the bytes of a PNG: of the whole page, or of what is seen of it */
  async screenshot({ whole }: { readonly whole: boolean }): Promise<Buffer> {
    const answer = await this.#call('Page.captureScreenshot', {
      captureBeyondViewport: whole,
      ...(whole && (await this.#area())),
    });
    return Buffer.from(z.object({ data: z.string() }).parse(answer).data, 'base64');
  }

  async #area() {
    const metrics = z
      .object({ cssContentSize: z.object({ width: z.number(), height: z.number() }) })
      .parse(await this.#call('Page.getLayoutMetrics'));
    return { clip: { x: 0, y: 0, ...metrics.cssContentSize, scale: 1 } };
  }

  #hear(method: string, params: unknown): void {
    if (method === 'Network.requestWillBeSent') {
      const { request } = z.object({ request: z.object({ url: z.string() }) }).parse(params);
      this.requests.push(request.url);
    } else if (method === 'Runtime.consoleAPICalled' || method === 'Runtime.exceptionThrown') {
      this.complaints.push(JSON.stringify(params));
    } else if (method === 'Log.entryAdded') {
      this.complaints.push(z.object({ entry: z.object({ text: z.string() }) }).parse(params).entry.text);
    } else if (method === 'Page.loadEventFired') {
      this.#loaded();
    }
  }
}

const keyCodes: Readonly<Record<string, number>> = {
  Tab: 9,
  Escape: 27,
  End: 35,
  Home: 36,
  ArrowUp: 38,
  ArrowDown: 40,
};
