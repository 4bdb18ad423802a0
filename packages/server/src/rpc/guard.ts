// SPDX-License-Identifier: Apache-2.0
import * as grpc from "@grpc/grpc-js";
import { StatusError } from "@mayfly/rpc";
import type { Logger } from "@mayfly/telemetry";
import type { AgentSessions } from "../authorization/agent-sessions.ts";
import type { Authorization, Authorizer } from "../authorization/authorize.ts";
import { callerName } from "../authorization/caller.ts";
import { methodTable } from "../authorization/method-table.ts";
import type { RateLimits } from "../authorization/rate-limits.ts";
import type { Connection } from "../transport/connection.ts";
import { GrpcCallStream } from "./call-stream.ts";
import { denied } from "./denied.ts";
import type { CallContext, Handlers, StreamHandler, UnaryHandler } from "./handler.ts";
import { toServiceError } from "./service-error.ts";

/** What stands between a listener and the handlers. */
export interface GuardOptions {
  /** The connection that a call came over, by what gRPC says of its peer. */
  findConnection(peer: string): Connection | undefined;
  readonly authorizer: Authorizer;
  readonly limits: RateLimits;
  readonly sessions: AgentSessions;
  readonly logger: Logger;
}

type AnyCall = grpc.ServerUnaryCall<unknown, unknown> | grpc.ServerDuplexStream<object, unknown>;

/** A unary call without a deadline of its own is given up after this. */
const defaultDeadlineMs = 30_000;

/** Turns handlers into what grpc-js registers: connection, authorization, rate limit, handler, error mapping; in this order. */
export class Guard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  protect(definition: grpc.ServiceDefinition, handlers: Handlers): grpc.UntypedServiceImplementation {
    const out: grpc.UntypedServiceImplementation = {};
    for (const [name, { path }] of Object.entries(definition)) {
      const handler = handlers[name];
      if (handler === undefined) throw new TypeError(`no handler for ${path}`);
      out[name] = handler.kind === "unary" ? this.#unary(path, handler) : this.#stream(path, handler);
    }
    return out;
  }

  #unary(path: string, handler: UnaryHandler): grpc.handleUnaryCall<unknown, unknown> {
    return (call, callback) => {
      const serve = async (): Promise<object> => {
        const abort = abortWithCall(call);
        const authorization = await this.#admit(path, call);
        const request = call.request as never;
        await this.#limit(path, call, abort.signal, handler.cost?.(request) ?? 1);
        return await handler.handle(request, { method: path, caller: authorization.caller, signal: abort.signal });
      };
      serve().then(
        (response) => {
          callback(null, response);
        },
        (error: unknown) => {
          callback(this.#report(path, call, error));
        },
      );
    };
  }

  #stream(path: string, handler: StreamHandler): grpc.handleBidiStreamingCall<object, unknown> {
    return (call) => {
      call.on("error", () => undefined);
      const abort = abortWithCall(call);
      const serve = async (): Promise<void> => {
        const authorization = await this.#admit(path, call);
        await this.#limit(path, call, abort.signal, 1);
        const context: CallContext = { method: path, caller: authorization.caller, signal: abort.signal };
        const stream = new GrpcCallStream(call, abort.signal);
        const { identity } = authorization.caller;
        if (!authorization.byAgent || identity === undefined) return await handler.handle(stream as never, context);
        using _session = this.#options.sessions.open(path, identity, abort);
        return await handler.handle(stream as never, context);
      };
      serve().then(
        () => call.end(),
        (error: unknown) => {
          const ended = this.#report(path, call, abort.signal.aborted ? abort.signal.reason : error);
          if (!call.cancelled) call.emit("error", ended);
        },
      );
    };
  }

  async #admit(path: string, call: AnyCall): Promise<Authorization & { allowed: true }> {
    const connection = this.#options.findConnection(call.getPeer());
    if (connection === undefined) throw new StatusError(grpc.status.UNAVAILABLE, "connection is closing");
    const authorization = await this.#options.authorizer.authorize(path, connection);
    if (authorization.allowed) return authorization;
    throw denied(path, authorization.denial);
  }

  async #limit(path: string, call: AnyCall, signal: AbortSignal, cost: number): Promise<void> {
    const limit = methodTable.get(path)?.limit;
    const address = this.#options.findConnection(call.getPeer())?.address;
    if (limit === undefined || address === undefined) return;
    const deadline = new Date(Math.min(Number(call.getDeadline()), Date.now() + defaultDeadlineMs));
    const outcome = await this.#options.limits[limit].take(address, cost, { deadline, signal });
    if (outcome === "granted") return;
    const why = outcome === "exceeds-burst" ? "the request is larger than the limit" : "the wait would pass the deadline";
    throw new StatusError(grpc.status.RESOURCE_EXHAUSTED, `rate limit exceeded: ${why}`);
  }

  #report(path: string, call: AnyCall, error: unknown): Partial<grpc.ServiceError> {
    const connection = this.#options.findConnection(call.getPeer());
    const caller = callerName({ local: connection?.kind === "local", identity: connection?.identity, node: undefined });
    return toServiceError(error, this.#options.logger.child({ method: path, caller, address: connection?.address }));
  }
}

/** A controller whose signal ends with the call. */
function abortWithCall(call: AnyCall): AbortController {
  const abort = new AbortController();
  const cancel = (): void => {
    abort.abort(new StatusError(grpc.status.CANCELLED, "the call was cancelled"));
  };
  call.once("cancelled", cancel);
  call.once("close", cancel);
  return abort;
}
