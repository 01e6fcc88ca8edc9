import type { MessageInitShape } from '@bufbuild/protobuf';
import { type Call, implement, type Service } from '#lib/go-plugin';
import type { Awaitable, PluginRequest } from './datasource.ts';
import type { Endpoint } from './endpoint.ts';
import { observe } from './observe.ts';
import * as pb from './proto/backend_pb.ts';
import { noSuchMethod, type Runtime } from './runtime.ts';
import { forwardedScope } from './scope-of.ts';
import { withMore } from './with-more.ts';

/** What Kubernetes calls a status: why something was refused. */
export interface StatusResult {
  readonly status?: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  /** As HTTP's. */
  readonly code?: number;
}

/** Somebody saves settings. */
export interface AdmissionRequest extends PluginRequest {
  readonly operation: 'create' | 'update' | 'delete';
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  /** As it would be saved. */
  readonly object: Uint8Array;
  /** As it is saved now; empty for a new one. */
  readonly oldObject: Uint8Array;
}

export interface Admission {
  readonly allowed: boolean;
  /** Why not. */
  readonly result?: StatusResult;
  /** For whoever saves it, allowed or not: 120 characters at most are likely to be read. */
  readonly warnings?: readonly string[];
}

export interface Mutation extends Admission {
  /** What is to be saved in its place. */
  readonly object?: Uint8Array;
}

/** Objects of an older or newer version of the plugin. */
export interface ConversionRequest extends PluginRequest {
  readonly uid: string;
  readonly objects: readonly RawObject[];
  readonly targetVersion: { readonly group: string; readonly version: string };
}

export interface RawObject {
  readonly raw: Uint8Array;
  /** `application/json` mostly. */
  readonly contentType: string;
}

export interface Conversion {
  readonly objects: readonly RawObject[];
  readonly result?: StatusResult;
}

/** Experimental in Grafana: asked before it saves settings, so that there may be no instance with them. */
export interface AdmissionHandlers {
  validateAdmission?(request: AdmissionRequest): Awaitable<Admission>;
  mutateAdmission?(request: AdmissionRequest): Awaitable<Mutation>;
  convertObjects?(request: ConversionRequest): Awaitable<Conversion>;
}

const operations = ['create', 'update', 'delete'] as const;

export function admissionServices(handlers: AdmissionHandlers, runtime: Runtime): Service[] {
  const { validateAdmission, mutateAdmission, convertObjects } = handlers;
  const admission = implement(pb.AdmissionControl, {
    validateAdmission: (message, call) =>
      observed('validateAdmission', message, call, runtime, async (request) => {
        if (validateAdmission === undefined) throw noSuchMethod('validateAdmission');
        return admissionFields(await validateAdmission(admissionRequest(request, message)));
      }),
    mutateAdmission: (message, call) =>
      observed('mutateAdmission', message, call, runtime, async (request) => {
        if (mutateAdmission === undefined) throw noSuchMethod('mutateAdmission');
        const { object, ...rest } = await mutateAdmission(admissionRequest(request, message));
        return { ...admissionFields(rest), ...(object === undefined ? {} : { objectBytes: object }) };
      }),
  });
  const conversion = implement(pb.ResourceConversion, {
    convertObjects: (message, call) =>
      observed('convertObjects', message, call, runtime, async (request) => {
        if (convertObjects === undefined) throw noSuchMethod('convertObjects');
        const { group = '', version = '' } = message.targetVersion ?? {};
        const { objects, result } = await convertObjects(
          withMore(request, {
            uid: message.uid,
            objects: message.objects.map(({ raw, contentType }) => ({ raw, contentType })),
            targetVersion: { group, version },
          }),
        );
        return {
          uid: message.uid,
          objects: objects.map(({ raw, contentType }) => ({ raw, contentType })),
          ...(result === undefined ? {} : { result }),
        };
      }),
  });
  const services: Service[] = [];
  // Grafana takes a service that is there for one that has something to say.
  if (validateAdmission !== undefined || mutateAdmission !== undefined) services.push(admission);
  if (convertObjects !== undefined) services.push(conversion);
  return services;
}

function observed<T>(
  endpoint: Endpoint,
  message: { readonly pluginContext?: pb.PluginContext | undefined },
  call: Call,
  runtime: Runtime,
  run: (request: PluginRequest) => Promise<T>,
): Promise<T> {
  return observe(runtime, forwardedScope(endpoint, call, message, runtime), run);
}

function admissionRequest(request: PluginRequest, message: pb.AdmissionRequest): AdmissionRequest {
  const { group = '', version = '', kind = '' } = message.kind ?? {};
  return withMore(request, {
    operation: operations[message.operation] ?? 'update',
    kind: { group, version, kind },
    object: message.objectBytes,
    oldObject: message.oldObjectBytes,
  });
}

function admissionFields({
  allowed,
  result,
  warnings = [],
}: Admission): MessageInitShape<typeof pb.ValidationResponseSchema> &
  MessageInitShape<typeof pb.MutationResponseSchema> {
  return { allowed, warnings: [...warnings], ...(result === undefined ? {} : { result }) };
}
