import { join } from 'node:path';
import { type HookContext, type HookEvent, type HookTools, isHookToolError, type LogLevel } from '#lib/juju';
import type { Finding } from '#src/exchange';
import { readTracingAnswer } from '#src/relations/tracing';
import { forgetTraces, leave, recordTrace, type TraceReport } from '#src/tracing';

const endpoint = 'charm-tracing';

/** The tracing backend that this application is related to, and what it has answered. */
export interface TracingRelation {
  readonly relationId: number;
  readonly remoteApp: string;
  /** Where traces go; null when the backend has not said. */
  readonly otlpHttpUrl: string | null;
  readonly findings: readonly Finding[];
}

/** Does a hook's work, or an action's, in a trace. */
export type InTrace = (relation: TracingRelation, work: () => Promise<void>) => Promise<void>;

/**
 * @returns null without a relation, which is all that a hook without one asks; and where Juju does not tell of it,
 * since a hook never fails for its trace
 */
export async function tracingRelation(tools: HookTools): Promise<TracingRelation | null> {
  try {
    const [relationId] = await tools.relationIds(endpoint);
    if (relationId === undefined) return null;
    const remoteApp = await tools.relationListApp(relationId);
    const { answer, issues } = readTracingAnswer(await tools.relationGet({ relationId, of: remoteApp }));
    const findings = issues.map((issue): Finding => ({ ...issue, relationId, endpoint, remoteApp }));
    return { relationId, remoteApp, otlpHttpUrl: answer.otlpHttpUrl, findings };
  } catch (error) {
    if (!isHookToolError(error)) throw error;
    // On its way out it is out of reach, and what is said there leads nowhere any more.
    const isGone = error.code === 'RELATION_GONE' || error.code === 'PERMISSION_DENIED';
    if (!isGone) await log(tools, 'WARNING', `this is not traced: ${error.message}`);
    return null;
  }
}

/** Traces of the one hook that this process is. */
export class HookTracer {
  readonly #context: HookContext;
  readonly #tools: HookTools;
  #stuck = false;

  constructor(context: HookContext, tools: HookTools) {
    this.#context = context;
    this.#tools = tools;
  }

  /**
   * Related, but without an answer yet, traces are kept: what happens while an application is set up is what people
   * want to see. Without a relation nobody asked for traces, and there are none.
   */
  readonly inTrace: InTrace = async ({ otlpHttpUrl }, work) => {
    const { unit, charmDir, event } = this.#context;
    await recordTrace(
      {
        // The name that Canonical's charms give it.
        name: `${unit}: ${eventName(event)} event`,
        attributes: eventAttributes(event),
        resource: resourceOf(this.#context),
        baseUrl: otlpHttpUrl,
        folder: folderIn(charmDir),
      },
      async (root) => {
        const { traceId } = root.spanContext();
        // Word for word what charms with `ops` log, since jhack looks for it.
        if (root.isRecording()) await log(this.#tools, 'DEBUG', `Starting root trace with id='${traceId}'.`);
        await work();
      },
      (report) => this.#tell(report),
    );
  };

  /**
   * To be called when all is done: ends the process, if Node would take long to. When the relation has ended nothing is
   * kept: traces were meant for that backend, and the next one may be somebody else's.
   */
  end(): void {
    const { event, charmDir } = this.#context;
    if (event.kind === 'relation-broken' && event.endpoint === endpoint) forgetTraces(folderIn(charmDir));
    if (this.#stuck) leave(Number(process.exitCode ?? 0));
  }

  async #tell({ warnings, waiting, stuck }: TraceReport): Promise<void> {
    this.#stuck = stuck;
    if (warnings.length > 0) await log(this.#tools, 'WARNING', warnings.join('; '));
    if (waiting !== null) await log(this.#tools, 'DEBUG', waiting);
  }
}

async function log(tools: HookTools, level: LogLevel, message: string): Promise<void> {
  try {
    await tools.jujuLog(level, message);
  } catch (error) {
    // A log that fails is no reason to fail, and who would tell?
    if (!isHookToolError(error)) throw error;
  }
}

/** In the charm's folder, like `.unit-state.db`: each unit has its own, and a new revision leaves it alone. */
function folderIn(charmDir: string): string {
  return join(charmDir, '.traces');
}

/** The names that `ops` and the charm library give them; Grafana's way from traces to logs goes by `juju_*`. */
function resourceOf({ unit, app, unitNumber, modelName, modelUuid, jujuVersion }: HookContext) {
  return {
    'service.namespace': modelUuid,
    'service.namespace.name': modelName,
    'service.name': app,
    'service.instance.id': String(unitNumber),
    charm: 'crosslink',
    juju_model: modelName,
    juju_model_uuid: modelUuid,
    juju_application: app,
    juju_unit: unit,
    'juju.version': jujuVersion,
  };
}

/** `config-changed`, `grafana-source-relation-joined`, `explain`: as in `juju debug-log`. */
function eventName(event: HookEvent): string {
  if ('endpoint' in event) return `${event.endpoint}-${event.kind}`;
  if (event.kind === 'action') return event.action;
  return event.kind === 'unknown' ? event.hook : event.kind;
}

function eventAttributes(event: HookEvent): Record<string, string | number> {
  const isAction = event.kind === 'action';
  const about = {
    'juju.dispatch_path': `${isAction ? 'actions' : 'hooks'}/${eventName(event)}`,
    event_type: isAction ? 'action' : 'hook',
    event_name: eventName(event),
    'juju.event': event.kind,
  };
  if (isAction) return { ...about, 'juju.action.id': event.actionId };
  if (!('endpoint' in event)) return about;
  const remoteUnit = 'remoteUnit' in event ? event.remoteUnit : undefined;
  return {
    ...about,
    'juju.relation.endpoint': event.endpoint,
    'juju.relation.id': event.relationId,
    'juju.relation.remote_application': event.remoteApp,
    ...(remoteUnit !== undefined && { 'juju.relation.remote_unit': remoteUnit }),
  };
}
