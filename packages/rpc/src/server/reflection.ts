// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { type DescribedFile, describeFile } from "../descriptors/load-descriptors.ts";
import type { Sent } from "../message.ts";
import type { ServerReflectionRequest, ServerReflectionResponse } from "../messages/reflection.ts";
import { reflectionV1AlphaService, reflectionV1Service } from "../services/grpc.ts";
import { StatusError } from "../status/status-error.ts";
import { served, type ServedService } from "./served-service.ts";

type Answer = Sent<Omit<ServerReflectionResponse, "valid_host" | "original_request">>;

/** What a server's services are made of, read when first asked for. */
class ReflectedFiles {
  readonly #byName = new Map<string, DescribedFile>();
  readonly #bySymbol = new Map<string, DescribedFile>();
  readonly #messages = new Set<string>();

  constructor(files: readonly string[]) {
    for (const file of files) describeFile(file, this.#byName);
    for (const file of this.#byName.values()) {
      for (const symbol of file.symbols) this.#bySymbol.set(symbol, file);
      for (const message of file.messages) this.#messages.add(message);
    }
  }

  named(name: string): DescribedFile | undefined {
    return this.#byName.get(name);
  }

  defining(symbol: string): DescribedFile | undefined {
    return this.#bySymbol.get(symbol.startsWith(".") ? symbol.slice(1) : symbol);
  }

  hasMessage(name: string): boolean {
    return this.#messages.has(name);
  }
}

/** gRPC server reflection for `services` and for itself, v1 and v1alpha. */
export function reflectionServices<Peer>(services: readonly ServedService<Peer>[]): ServedService<Peer>[] {
  let files: ReflectedFiles | undefined;
  const handler = (requests: AsyncIterable<ServerReflectionRequest>) =>
    reflect(requests, names, (files ??= new ReflectedFiles(all.map(({ file }) => file))));
  const own: ServedService<Peer>[] = [
    served(reflectionV1Service, { ServerReflectionInfo: handler }),
    served(reflectionV1AlphaService, { ServerReflectionInfo: handler }),
  ];
  const all = [...services, ...own];
  const names = all.map(({ name }) => name).sort();
  return own;
}

async function* reflect(
  requests: AsyncIterable<ServerReflectionRequest>,
  services: readonly string[],
  files: ReflectedFiles,
): AsyncGenerator<Sent<ServerReflectionResponse>> {
  const sent = new Set<DescribedFile>();
  for await (const request of requests) {
    yield { valid_host: request.host, original_request: request, ...answer(request, { services, files, sent }) };
  }
}

interface Session {
  readonly services: readonly string[];
  readonly files: ReflectedFiles;
  /** A stream gets each file once. */
  readonly sent: Set<DescribedFile>;
}

function answer(request: ServerReflectionRequest, { services, files, sent }: Session): Answer {
  switch (request.message_request) {
    case "list_services":
      return { list_services_response: { service: services.map((name) => ({ name })) } };
    case "file_by_filename":
      return fileAnswer(files.named(request.file_by_filename ?? ""), request.file_by_filename, sent);
    case "file_containing_symbol":
      return fileAnswer(files.defining(request.file_containing_symbol ?? ""), request.file_containing_symbol, sent);
    case "file_containing_extension":
      return notFound(request.file_containing_extension?.containing_type);
    case "all_extension_numbers_of_type": {
      const base_type_name = request.all_extension_numbers_of_type ?? "";
      if (!files.hasMessage(base_type_name)) return notFound(base_type_name);
      return { all_extension_numbers_response: { base_type_name, extension_number: [] } };
    }
    default:
      throw new StatusError(status.INVALID_ARGUMENT, "the request asks for nothing that is known");
  }
}

function fileAnswer(file: DescribedFile | undefined, asked: string | undefined, sent: Set<DescribedFile>): Answer {
  if (file === undefined) return notFound(asked);
  const files = withImports(file).filter((each) => each === file || !sent.has(each));
  for (const each of files) sent.add(each);
  return { file_descriptor_response: { file_descriptor_proto: files.map(({ bytes }) => bytes) } };
}

function withImports(file: DescribedFile, found: Set<DescribedFile> = new Set()): DescribedFile[] {
  found.add(file);
  for (const each of file.imports) if (!found.has(each)) withImports(each, found);
  return [...found];
}

function notFound(asked: string | undefined): Answer {
  return {
    error_response: { error_code: status.NOT_FOUND, error_message: `not found: ${JSON.stringify(asked ?? "")}` },
  };
}
