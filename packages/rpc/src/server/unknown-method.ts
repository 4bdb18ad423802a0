// SPDX-License-Identifier: Apache-2.0
import { type Server, status } from "@grpc/grpc-js";
import { StatusError } from "../status/status-error.ts";

interface AnyMethod {
  readonly func: () => void;
  readonly serialize: (bytes: Buffer) => Buffer;
  readonly deserialize: (bytes: Buffer) => Buffer;
  readonly type: "bidi";
  readonly path: string;
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}

function unknown(path: string): AnyMethod {
  return { func: () => undefined, serialize: identity, deserialize: identity, type: "bidi", path };
}

/**
 * Makes calls to methods that the server does not have reach its interceptor like all others.
 * @NOTE grpc-js has no public hook for this: the look-up of handlers is replaced on the instance. A version without that method
 * answers with its own text.
 */
export function admitUnknownMethods(server: Server): void {
  const lookUp: unknown = Reflect.get(server, "_retrieveHandler");
  if (typeof lookUp !== "function") return;
  Reflect.set(server, "_retrieveHandler", (path: string): unknown => {
    const known: unknown = Reflect.apply(lookUp, server, [path]);
    return known ?? unknown(path);
  });
}

/** The refusal of a path that no service has, in the words that the Go and SPIRE servers use. */
export function unknownMethod(path: string, services: ReadonlySet<string>): StatusError {
  const name = path.startsWith("/") ? path.slice(1) : path;
  const slash = name.lastIndexOf("/");
  const service = name.slice(0, Math.max(slash, 0));
  const method = name.slice(slash + 1);
  if (slash === -1) return new StatusError(status.UNIMPLEMENTED, `malformed method name: ${JSON.stringify(path)}`);
  return new StatusError(
    status.UNIMPLEMENTED,
    services.has(service) ? `unknown method ${method} for service ${service}` : `unknown service ${service}`,
  );
}
