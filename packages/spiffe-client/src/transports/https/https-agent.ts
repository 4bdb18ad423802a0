// SPDX-License-Identifier: Apache-2.0
import { Agent, type AgentOptions, type RequestOptions } from "node:https";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { ConnectionGuard } from "../../connections/connection-guard.ts";
import type { ConnectionOptions, PeerPolicy } from "../../connections/options.ts";
import { type OpenOptions, openVerified, type OwnClientOption } from "../tls/open-verified.ts";

/** Policy, and the options of `https.Agent` that the policy leaves open (keepAlive, maxSockets, timeout, scheduling …). */
export interface HttpsAgentOptions
  extends PeerPolicy,
    ConnectionOptions,
    Omit<AgentOptions, OwnClientOption | "maxCachedSessions"> {
  /** For the whole of connecting. Default 10 s. */
  readonly timeoutMs?: number | undefined;
}

/**
 * An `https.Agent` for `https.request` and what stands on it: each connection is made with the SVID of then, and a request gets it after
 * the server was verified and authorized. Keeps connections for reuse unless `keepAlive` is false; one whose verdict has ended is never
 * used again. Options of a request can't weaken the policy. A refusal is the request's `error`.
 */
export function httpsAgent(options: HttpsAgentOptions): Agent {
  return new PeerAgent(options);
}

class PeerAgent extends Agent {
  readonly #policy: HttpsAgentOptions;
  readonly #guard: ConnectionGuard;
  readonly #free = new WeakSet<object>();

  constructor(options: HttpsAgentOptions) {
    const { source: _source, authorize: _authorize, ...given } = options;
    // No session is remembered: none may stand for a verdict on another connection.
    super({ keepAlive: true, ...given, maxCachedSessions: 0 });
    this.#policy = options;
    this.#guard = new ConnectionGuard({ ...options, role: "server" });
    // Before node hands a free socket to the next request in line.
    this.prependListener("free", (socket: TLSSocket) => {
      if (!this.#guard.isLive(socket)) socket.destroy();
    });
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const { source, authorize, timeoutMs } = this.#policy;
    const wanted = { ...options, timeout: undefined, source, authorize, timeoutMs } as OpenOptions;
    openVerified(wanted).then(
      (opened) => {
        const { socket } = opened;
        this.#guard.add({ ...opened, drain: () => undefined, isIdle: () => this.#free.has(socket) });
        callback?.(null, socket);
      },
      (error: unknown) => (callback as ((error: unknown) => void) | undefined)?.(error),
    );
    return undefined;
  }

  /** Node asks for the name right before it looks for a free socket of that name: those that may not be used are gone then. */
  override getName(options?: RequestOptions): string {
    const name = super.getName(options);
    const free = this.freeSockets[name] ?? [];
    for (const socket of free.filter((each) => !this.#guard.isLive(each as TLSSocket))) {
      free.splice(free.indexOf(socket), 1);
      socket.destroy();
    }
    return name;
  }

  override keepSocketAlive(socket: Duplex): boolean {
    if (!this.#guard.isLive(socket as TLSSocket) || !keepAlive(super.keepSocketAlive(socket))) return false;
    this.#free.add(socket);
    return true;
  }

  override reuseSocket(socket: Duplex, request: Parameters<Agent["reuseSocket"]>[1]): void {
    this.#free.delete(socket);
    super.reuseSocket(socket, request);
  }
}

/** The types say void; node gives a boolean. */
function keepAlive(answer: unknown): boolean {
  return answer !== false;
}
