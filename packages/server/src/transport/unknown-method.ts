// SPDX-License-Identifier: Apache-2.0
import * as grpc from "@grpc/grpc-js";

interface RefusingHandler {
  readonly func: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => void;
  readonly serialize: (value: Buffer) => Buffer;
  readonly deserialize: (bytes: Buffer) => Buffer;
  readonly type: "bidi";
  readonly path: string;
}

function refusal(path: string, services: ReadonlySet<string>): string {
  const slash = path.lastIndexOf("/");
  const service = path.slice(1, slash);
  return services.has(service) ? `unknown method ${path.slice(slash + 1)} for service ${service}` : `unknown service ${service}`;
}

/**
 * Makes `server` answer calls to methods that it does not have in the words of SPIRE's server.
 * @NOTE grpc-js has no public hook for this: the look-up of handlers is replaced on the instance. A version without that method keeps its own text.
 */
export function answerUnknownMethods(server: grpc.Server, definitions: readonly grpc.ServiceDefinition[]): void {
  const paths = definitions.flatMap((definition) => Object.values(definition).map(({ path }) => path));
  const services = new Set(paths.map((path) => path.slice(1, path.lastIndexOf("/"))));
  const lookUp: unknown = Reflect.get(server, "_retrieveHandler");
  if (typeof lookUp !== "function") return;
  Reflect.set(server, "_retrieveHandler", (path: string): unknown => {
    const known: unknown = Reflect.apply(lookUp, server, [path]);
    if (known !== null && known !== undefined) return known;
    const handler: RefusingHandler = {
      func: (call) => call.emit("error", { code: grpc.status.UNIMPLEMENTED, details: refusal(path, services) }),
      serialize: (value) => value,
      deserialize: (bytes) => bytes,
      type: "bidi",
      path,
    };
    return handler;
  });
}
