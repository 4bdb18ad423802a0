// SPDX-License-Identifier: Apache-2.0
import { AsyncLocalStorage } from "node:async_hooks";
import type { Duplex } from "node:stream";
import {
  type ConnectionInjector,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  status,
} from "@grpc/grpc-js";
import type { CallContext, PeerConnection } from "../handlers.ts";
import { StatusError } from "../status/status-error.ts";
import { wireStatus } from "../status/wire-status.ts";
import { AuthorityFilter } from "./authority-filter.ts";
import { Connection } from "./connection.ts";
import { connectionAgeMs, type RpcServerLimits, serverOptions } from "./limits.ts";
import { reflectionServices } from "./reflection.ts";
import type { Route, ServedService } from "./served-service.ts";
import { type CallRules, ServerCall } from "./server-call.ts";
import { admitUnknownMethods, unknownMethod } from "./unknown-method.ts";

/** What an RpcServer serves and how. */
export interface RpcServerOptions<Peer> {
  readonly services: readonly ServedService<Peer>[];
  /** Serves gRPC server reflection, v1 and v1alpha, for all services. Default: no. */
  readonly reflection?: boolean | undefined;
  readonly limits?: RpcServerLimits | undefined;
  /** Called before a method is served, reflection included; throws a StatusError to refuse the call. Unknown methods don't get here. */
  admit?(context: CallContext<Peer>): void;
  /** Makes a status of what a handler threw, when it is no StatusError; the place to log it. Default: INTERNAL, "internal error". */
  onError?(context: CallContext<Peer>, error: unknown): StatusError;
  /** Called once for each connection, when it is gone; `reason` is what `close` was given, undefined when nobody closed it here. */
  onConnectionEnd?(connection: PeerConnection<Peer>, reason: string | undefined): void;
}

/** A gRPC server that owns no port: its owner accepts connections, verifies their peers, and hands them over. */
export class RpcServer<Peer> {
  readonly #options: RpcServerOptions<Peer>;
  readonly #rules: CallRules<Peer>;
  readonly #routes = new Map<string, Route<Peer>>();
  readonly #services: ReadonlySet<string>;
  readonly #server: Server;
  readonly #injector: ConnectionInjector;
  readonly #current = new AsyncLocalStorage<Connection<Peer>>();
  readonly #connections = new Set<Connection<Peer>>();
  #idle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /** @throws TypeError when two services have the same name */
  constructor(options: RpcServerOptions<Peer>) {
    this.#options = options;
    this.#rules = rulesOf(options);
    const services =
      options.reflection === true ? [...options.services, ...reflectionServices(options.services)] : options.services;
    this.#services = new Set(services.map(({ name }) => name));
    if (this.#services.size !== services.length) throw new TypeError("a service is given twice");
    this.#server = new Server({
      ...serverOptions(options.limits ?? {}),
      interceptors: [(method, wire) => new HandlerCall(wire, (call) => this.#serve(method.path, call))],
    });
    for (const route of services.flatMap(({ routes }) => routes)) this.#register(route);
    admitUnknownMethods(this.#server);
    this.#injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
  }

  /** The open connections. */
  get connections(): Iterable<PeerConnection<Peer>> {
    return this.#connections;
  }

  /**
   * Serves a connection: any Duplex; a TLSSocket when its handshake is over and its peer verified. Every call on it gets `peer`.
   * The socket belongs to the server from now on, and its errors end the connection silently.
   */
  accept(socket: Duplex, peer: Peer): PeerConnection<Peer> {
    const connection = new Connection(peer);
    const filter = new AuthorityFilter(socket, (deliver) => {
      this.#current.run(connection, deliver);
    });
    this.#connections.add(connection);
    const timers = this.#watch(connection, filter);
    connection.attach(filter, () => {
      for (const timer of timers) clearTimeout(timer);
      this.#gone(connection);
    });
    if (this.#closing !== undefined || socket.destroyed) filter.destroy();
    else this.#current.run(connection, () => this.#injector.injectConnection(filter));
    return connection;
  }

  /**
   * Tells every client to go elsewhere (GOAWAY), ends streams with UNAVAILABLE, gives unary calls up to `graceMs`, then cuts.
   * Resolves when no connection is left. Idempotent.
   */
  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    this.#injector.destroy();
    const going = new StatusError(status.UNAVAILABLE, "the server is shutting down");
    for (const connection of this.#connections) connection.endStreams(going);
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
    const grace = setTimeout(() => {
      for (const connection of this.#connections) connection.close("the server is shutting down");
    }, graceMs);
    if (this.#connections.size > 0) await idle;
    clearTimeout(grace);
    this.#server.forceShutdown();
  }

  /** Ends the connection if its client does not begin, and when it is old. */
  #watch(connection: Connection<Peer>, filter: AuthorityFilter): NodeJS.Timeout[] {
    const { limits = {} } = this.#options;
    const begin = setTimeout(() => {
      if (!filter.started) connection.destroy();
    }, limits.maxStartMs ?? 10_000);
    const age = connectionAgeMs(limits);
    if (age === undefined) return [begin.unref()];
    return [begin.unref(), setTimeout(() => connection.close("the connection is old"), age).unref()];
  }

  #gone(connection: Connection<Peer>): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#idle?.();
    this.#options.onConnectionEnd?.(connection, connection.closeReason);
  }

  #register(route: Route<Peer>): void {
    const { path, decodeRequest } = route.method;
    this.#routes.set(path, route);
    // The interceptor takes every call before grpc-js would run this handler.
    this.#server.register(
      path,
      () => undefined,
      (bytes: Buffer) => bytes,
      decodeRequest,
      "bidi",
    );
  }

  #serve(path: string, wire: ServerInterceptingCallInterface): void {
    const connection = this.#current.getStore();
    const route = this.#routes.get(path);
    if (connection === undefined) {
      wire.sendStatus(wireStatus(new StatusError(status.INTERNAL, "the call has no connection")));
    } else if (connection.over) {
      wire.sendStatus(wireStatus(new StatusError(status.UNAVAILABLE, "the connection is being closed")));
    } else if (route === undefined) {
      wire.sendStatus(wireStatus(unknownMethod(path, this.#services)));
    } else {
      new ServerCall(wire, { connection, route, rules: this.#rules }).run();
    }
  }
}

function rulesOf<Peer>(options: RpcServerOptions<Peer>): CallRules<Peer> {
  const internal = new StatusError(status.INTERNAL, "internal error");
  return {
    admit: (context) => options.admit?.(context),
    toStatus(context, error) {
      try {
        return options.onError?.(context, error) ?? internal;
      } catch {
        // What reports errors is broken itself: the caller still gets a status.
        return internal;
      }
    },
    maxEndMs: options.limits?.maxEndMs ?? 5000,
  };
}

/** Takes a call away from grpc-js: what grpc-js would start is never started. */
class HandlerCall extends ServerInterceptingCall {
  readonly #wire: ServerInterceptingCallInterface;
  readonly #serve: (wire: ServerInterceptingCallInterface) => void;

  constructor(wire: ServerInterceptingCallInterface, serve: (wire: ServerInterceptingCallInterface) => void) {
    super(wire);
    this.#wire = wire;
    this.#serve = serve;
  }

  override start(): void {
    this.#serve(this.#wire);
  }
}
