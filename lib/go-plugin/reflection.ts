import { type DescFile, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import {
  type ServerReflectionRequest,
  type ServerReflectionResponseSchema,
  ServerReflection as V1,
} from './proto/reflection_pb.ts';
import { ServerReflection as V1Alpha } from './proto/reflection_v1alpha_pb.ts';
import { implement, type Service } from './service.ts';

type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>['messageResponse']>;

/** Tells tools such as grpcurl what is served, in both versions of the protocol. */
export function reflectionServices(services: readonly Service[]): readonly Service[] {
  let described: Described | undefined;
  const v1 = implement(V1, {
    async *serverReflectionInfo(requests) {
      // Nobody but a tool asks, so that nothing is prepared for it.
      described ??= new Described([...services, v1, v1Alpha]);
      for await (const request of requests) {
        yield {
          validHost: request.host,
          originalRequest: request,
          messageResponse: described.answer(request.messageRequest),
        };
      }
    },
  });
  // The two differ in nothing but their names, which do not travel: the messages of the one are those of the other.
  const v1Alpha: Service = { descriptor: V1Alpha, methods: v1.methods };
  return [v1, v1Alpha];
}

/** The files behind services, with all that they import. */
class Described {
  readonly #services: readonly string[];
  readonly #files = new Map<string, DescFile>();
  readonly #symbols = new Map<string, DescFile>();

  constructor(services: readonly Service[]) {
    this.#services = [...new Set(services.map(({ descriptor }) => descriptor.typeName))].toSorted();
    for (const { descriptor } of services) this.#add(descriptor.file);
  }

  #add(file: DescFile): void {
    if (this.#files.has(file.proto.name)) return;
    this.#files.set(file.proto.name, file);
    for (const service of file.services) {
      this.#symbols.set(service.typeName, file);
      for (const method of service.methods) this.#symbols.set(`${service.typeName}.${method.name}`, file);
    }
    const messages = [...file.messages];
    for (let message = messages.pop(); message !== undefined; message = messages.pop()) {
      this.#symbols.set(message.typeName, file);
      messages.push(...message.nestedMessages);
      for (const nested of message.nestedEnums) this.#symbols.set(nested.typeName, file);
    }
    for (const { typeName } of file.enums) this.#symbols.set(typeName, file);
    for (const dependency of file.dependencies) this.#add(dependency);
  }

  answer(request: ServerReflectionRequest['messageRequest']): Answer {
    switch (request.case) {
      case 'listServices':
        return {
          case: 'listServicesResponse',
          value: { service: this.#services.map((name) => ({ name })) },
        };
      case 'fileByFilename':
        return fileAnswer(this.#files.get(request.value), `file '${request.value}'`);
      case 'fileContainingSymbol':
        return fileAnswer(this.#symbols.get(request.value), `symbol '${request.value}'`);
      case 'fileContainingExtension':
        return errorAnswer(status.NOT_FOUND, `no extension of '${request.value.containingType}'`);
      case 'allExtensionNumbersOfType':
        return { case: 'allExtensionNumbersResponse', value: { baseTypeName: request.value } };
      case undefined:
        return errorAnswer(status.INVALID_ARGUMENT, 'the request asks for nothing that this server knows');
    }
  }
}

function fileAnswer(file: DescFile | undefined, what: string): Answer {
  if (file === undefined) return errorAnswer(status.NOT_FOUND, `no ${what}`);
  // All that it needs at once: tools would ask for each of them next.
  const files = new Set([file]);
  for (const each of files) for (const dependency of each.dependencies) files.add(dependency);
  return {
    case: 'fileDescriptorResponse',
    value: { fileDescriptorProto: [...files].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto)) },
  };
}

function errorAnswer(errorCode: number, errorMessage: string): Answer {
  return { case: 'errorResponse', value: { errorCode, errorMessage } };
}
