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

/** How many messages each method of `Methods` sends. */
export type MethodKinds<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends Method<unknown, unknown, infer Kind> ? Kind : never;
};

/** A service of the contract. Its .proto file is read when a message is first written or read. */
export interface ServiceDescription<Methods extends object> {
  /** Full name, `package.Service`. */
  readonly name: string;
  /** By the name in the contract. */
  readonly methods: Methods;
  /** Path of its .proto file below the proto directory. */
  readonly file: string;
}

/**
 * Describes the service `name` of a file below the proto directory. Types, kinds and file are writings of one contract: the compiler
 * holds the first two equal, a test the kinds and the file.
 */
export function describeService<Methods extends object>(
  file: string,
  name: string,
  kinds: MethodKinds<NoInfer<Methods>>,
): ServiceDescription<Methods> {
  let loaded: ServiceDefinition | undefined;
  const load = (): ServiceDefinition => (loaded ??= loadService(file, name));
  const methods = Object.entries(kinds).map(([method, kind]): [string, Method<object, object>] => [
    method,
    describeMethod(`/${name}/${method}`, kind as MethodKind, () => load()[method]),
  ]);
  return { name, file, methods: Object.fromEntries(methods) as unknown as Methods };
}

function loadService(file: string, name: string): ServiceDefinition {
  const definition = loadProtoFile(file)[name];
  if (definition === undefined || "format" in definition) {
    throw new TypeError(`${file} has no service ${JSON.stringify(name)}`);
  }
  return definition;
}

type MethodDefinition = ServiceDefinition[string];

function describeMethod(
  path: string,
  kind: MethodKind,
  load: () => MethodDefinition | undefined,
): Method<object, object> {
  let loaded: MethodDefinition | undefined;
  const codecs = (): MethodDefinition => {
    loaded ??= load();
    if (loaded === undefined) throw new TypeError(`the contract has no method ${path}`);
    return loaded;
  };
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    path,
    kind,
    encodeRequest: (message) => codecs().requestSerialize(message),
    decodeRequest: (bytes) => codecs().requestDeserialize(bytes),
    encodeResponse: (message) => codecs().responseSerialize(message),
    decodeResponse: (bytes) => codecs().responseDeserialize(bytes),
  };
}
