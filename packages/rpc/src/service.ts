// SPDX-License-Identifier: Apache-2.0
import type { ServiceDefinition } from "@grpc/proto-loader";
import { loadProtoFile } from "./proto-files.ts";

/** How many messages each side of a method sends. */
export type MethodKind = "unary" | "client-stream" | "server-stream" | "bidi";

/** One method: its path, its kind and its codecs. `Request` and `Response` are the messages as received. */
export interface Method<Request, Response, Kind extends MethodKind = MethodKind> {
  readonly name: string;
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly kind: Kind;
  readonly encodeRequest: (message: object) => Buffer;
  readonly decodeRequest: (bytes: Buffer) => Request;
  readonly encodeResponse: (message: object) => Buffer;
  readonly decodeResponse: (bytes: Buffer) => Response;
}

/** A method with one request and one response. */
export type Unary<Request, Response> = Method<Request, Response, "unary">;

/** A method with one request and a stream of responses. */
export type ServerStream<Request, Response> = Method<Request, Response, "server-stream">;

/** A method with a stream in each direction. */
export type Bidi<Request, Response> = Method<Request, Response, "bidi">;

/** A service of the contract. Its .proto file is read when `methods` is first used. */
export interface ServiceDescription<Methods extends object> {
  /** Full name, `package.Service`. */
  readonly name: string;
  /** By the name in the contract. */
  readonly methods: Methods;
  /** Path of its .proto file below the proto directory. */
  readonly file: string;
}

/** Describes the service `name` of a file below the proto directory; `Methods` is the type of its methods. */
export function describeService<Methods extends object>(file: string, name: string): ServiceDescription<Methods> {
  let loaded: Readonly<Record<string, Method<object, object>>> | undefined;
  const load = () => (loaded ??= loadService(file, name));
  return {
    name,
    file,
    get methods() {
      // The file and the type are two writings of one contract; a test compares the names and kinds.
      return load() as unknown as Methods;
    },
  };
}

function loadService(file: string, name: string): Readonly<Record<string, Method<object, object>>> {
  const definition = loadProtoFile(file)[name];
  if (definition === undefined || "format" in definition) {
    throw new TypeError(`${file} has no service ${JSON.stringify(name)}`);
  }
  return Object.fromEntries(readMethods(definition));
}

function readMethods(definition: ServiceDefinition): [string, Method<object, object>][] {
  return Object.entries(definition).map(([name, method]) => [
    name,
    {
      name,
      path: method.path,
      kind: kindOf(method.requestStream, method.responseStream),
      encodeRequest: method.requestSerialize,
      decodeRequest: method.requestDeserialize,
      encodeResponse: method.responseSerialize,
      decodeResponse: method.responseDeserialize,
    },
  ]);
}

function kindOf(requestStream: boolean, responseStream: boolean): MethodKind {
  if (requestStream) {
    return responseStream ? "bidi" : "client-stream";
  }
  return responseStream ? "server-stream" : "unary";
}
