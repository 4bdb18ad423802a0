// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import {
  type CallContext,
  type Handlers,
  type Method,
  served,
  type ServedService,
  type ServiceDescription,
  StatusError,
} from "@mayfly/rpc";
import type { AgentSessions } from "../authorization/agent-sessions.ts";
import type { Authorization, Authorizer } from "../authorization/authorize.ts";
import { methodTable } from "../authorization/method-table.ts";
import type { RateLimits } from "../authorization/rate-limits.ts";
import type { Connection } from "../transport/connection.ts";
import type { RefusedCalls } from "../tasks/record/refused-calls.ts";
import type { Call, GuardedHandlers } from "./call.ts";
import type { CallJournal } from "./call-journal.ts";
import { denied } from "./denied.ts";

/** What stands between a listener and the handlers. */
export interface GuardOptions {
  readonly authorizer: Authorizer;
  readonly limits: RateLimits;
  readonly sessions: AgentSessions;
  readonly journal: CallJournal;
  readonly refusals: RefusedCalls;
}

type Context = CallContext<Connection>;
type UnaryHandler = (request: unknown, call: Call) => Promise<unknown>;
type StreamHandler = (request: unknown, call: Call) => AsyncIterable<unknown>;

/** A call without a deadline of its own waits for tokens as long as this. */
const longestWaitMs = 30_000;

/** Wraps handlers: authorization by the method table, rate limit, then the handler; streams of agents end with the agent's right to them. */
export class Guard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  protect<Methods extends object>(
    service: ServiceDescription<Methods>,
    handlers: GuardedHandlers<Methods>,
  ): ServedService<Connection> {
    const byName = handlers as Readonly<Record<string, unknown>>;
    const methods = Object.values(service.methods) as readonly Method<unknown, unknown>[];
    const wrapped = methods.map(({ name, kind }): [string, unknown] => {
      const handler = byName[name];
      if (typeof handler !== "function") throw new TypeError(`no handler for ${service.name}/${name}`);
      return [name, kind === "unary" ? this.#unary(handler as UnaryHandler) : this.#stream(handler as StreamHandler)];
    });
    return served(service, Object.fromEntries(wrapped) as Handlers<Methods, Connection>);
  }

  #unary(handler: UnaryHandler): (request: unknown, context: Context) => Promise<unknown> {
    const { journal, refusals } = this.#options;
    return async (request, context) => {
      try {
        const { caller } = await this.#admit(context);
        await this.#limit(context, request);
        const response = await handler(request, callOf(context, caller));
        journal.answered(context, response);
        return response;
      } catch (error) {
        const refusal = journal.refused(context, error);
        await refusals.note(context, refusal);
        throw refusal;
      }
    };
  }

  #stream(handler: StreamHandler): (request: unknown, context: Context) => AsyncGenerator {
    const serve = async function* (guard: Guard, request: unknown, context: Context): AsyncGenerator {
      const { journal, sessions, refusals } = guard.#options;
      try {
        const { caller, byAgent } = await guard.#admit(context);
        await guard.#limit(context, request);
        const { identity } = caller;
        using _session = byAgent && identity !== undefined ? sessions.open(context, identity) : undefined;
        yield* handler(request, callOf(context, caller));
      } catch (error) {
        const refusal = journal.refused(context, error);
        await refusals.note(context, refusal);
        throw refusal;
      }
    };
    return (request, context) => serve(this, request, context);
  }

  async #admit({ path, peer }: Context): Promise<Authorization & { allowed: true }> {
    const authorization = await this.#options.authorizer.authorize(path, peer);
    if (authorization.allowed) return authorization;
    throw denied(path, authorization.denial);
  }

  async #limit({ path, peer, deadline, signal }: Context, request: unknown): Promise<void> {
    const rule = methodTable.get(path);
    if (rule?.limit === undefined || peer.address === undefined) return;
    const latest = Date.now() + longestWaitMs;
    const outcome = await this.#options.limits[rule.limit].take(peer.address, costOf(request, rule.perItemOf), {
      deadline: new Date(Math.min(deadline?.getTime() ?? latest, latest)),
      signal,
    });
    if (outcome === "granted") return;
    const why =
      outcome === "exceeds-burst" ? "the request is larger than the limit" : "the wait would pass the deadline";
    throw new StatusError(status.RESOURCE_EXHAUSTED, `rate limit exceeded: ${why}`);
  }
}

function costOf(request: unknown, field: string | undefined): number {
  if (field === undefined) return 1;
  const items = (request as Readonly<Record<string, unknown>>)[field];
  return Array.isArray(items) ? items.length : 1;
}

/** The context with the caller; parts of a context are made when they are first asked for. */
function callOf(context: Context, caller: Call["caller"]): Call {
  return {
    caller,
    peer: context.peer,
    connection: context.connection,
    path: context.path,
    deadline: context.deadline,
    get signal() {
      return context.signal;
    },
    get metadata() {
      return context.metadata;
    },
    end: (status) => {
      context.end(status);
    },
  };
}
