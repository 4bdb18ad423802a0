// SPDX-License-Identifier: Apache-2.0
import type { CallContext, Handlers } from "../handlers.ts";
import type { Method, ServiceDescription } from "../service.ts";

/** A handler whatever its method is: `input` is the request or the iterable of requests. */
export type AnyHandler<Peer> = (input: unknown, context: CallContext<Peer>) => unknown;

/** A method with what serves it; `handler` is undefined for a method that is not offered. */
export interface Route<Peer> {
  readonly method: Method<unknown, unknown>;
  readonly handler: AnyHandler<Peer> | undefined;
}

/** A service with its handlers, ready for an RpcServer. Made by `served`. */
export interface ServedService<Peer> {
  readonly name: string;
  readonly routes: readonly Route<Peer>[];
  /** Path of its .proto file below the proto directory: what reflection shows. */
  readonly file: string;
}

/** Puts a service and its handlers together. @throws TypeError for a handler of a method that the service does not have */
export function served<Methods extends object, Peer>(
  service: ServiceDescription<Methods>,
  handlers: Handlers<Methods, Peer>,
): ServedService<Peer> {
  const methods = Object.values(service.methods) as Method<unknown, unknown>[];
  const byName = new Map<string, unknown>(Object.entries(handlers));
  const routes = methods.map((method): Route<Peer> => {
    const handler = byName.get(method.name) as AnyHandler<Peer> | undefined;
    byName.delete(method.name);
    if (handler !== undefined && method.kind === "client-stream") {
      throw new TypeError(`${method.path}: methods with a stream of requests and one response are not served`);
    }
    return { method, handler: handler?.bind(handlers) };
  });
  const [stray] = byName.keys();
  if (stray !== undefined) throw new TypeError(`${service.name} has no method ${JSON.stringify(stray)}`);
  return { name: service.name, file: service.file, routes };
}
