// SPDX-License-Identifier: Apache-2.0
import type { EventEmitter } from "node:events";
import type { TLSSocket } from "node:tls";
import { type buildConnector, Client, type Dispatcher } from "undici";
import type { ConnectionGuard } from "../../connections/connection-guard.ts";
import { type OpenOptions, openVerified } from "../tls/open-verified.ts";
import type { DispatcherOptions } from "./dispatcher-options.ts";
import { watchRequest } from "./watch-request.ts";

type Dispatched = readonly [Dispatcher.DispatchOptions, Dispatcher.DispatchHandler];

/** What a client has from the dispatcher it belongs to. */
export interface GuardedClientOptions {
  readonly policy: DispatcherOptions;
  readonly guard: ConnectionGuard;
  /** Takes a request that this client can't. */
  readonly elsewhere: (...dispatched: Dispatched) => void;
}

/**
 * undici's Client: one connection at a time. Each is made with the SVID of then and used after the verdict; when the verdict ends, what is
 * under way finishes, and the next request waits for a new connection.
 */
export class GuardedClient extends Client {
  readonly #origin: URL;
  readonly #elsewhere: GuardedClientOptions["elsewhere"];
  readonly #guard: ConnectionGuard;
  readonly #underWay = new Set<Dispatched>();
  #isPassedOver = false;
  #socket: TLSSocket | undefined;

  constructor(origin: string | URL, options: Client.Options, { policy, guard, elsewhere }: GuardedClientOptions) {
    super(origin, {
      ...options,
      // A second request behind one that is under way could not be called back.
      pipelining: 1,
      connect: (target, callback) => this.#connect(openOptions(target, options, policy), callback),
    });
    this.#origin = new URL(origin);
    this.#elsewhere = elsewhere;
    this.#guard = guard;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const entry: Dispatched = [options, handler];
    const socket = this.#socket;
    if (socket !== undefined && !this.#guard.isLive(socket)) {
      if (this.#underWay.size > 0) {
        // The pool passes this client over from now until `drain`.
        this.#isPassedOver = true;
        queueMicrotask(() => this.#elsewhere(...entry));
        return false;
      }
      // undici waits for the end of it, then connects anew.
      socket.destroy();
    }
    const watched = watchRequest(handler, {
      began: () => this.#underWay.add(entry),
      ended: () => this.#ended(entry),
    });
    return super.dispatch(options, watched);
  }

  #connect(options: OpenOptions, callback: buildConnector.Callback): void {
    openVerified(options).then(
      (opened) => {
        const { socket } = opened;
        this.#socket = socket;
        this.#guard.add({ ...opened, drain: () => undefined, isIdle: () => this.#underWay.size === 0 });
        socket.once("close", () => this.#gone(socket));
        callback(null, socket);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  }

  #ended(entry: Dispatched): void {
    if (!this.#underWay.delete(entry) || this.#underWay.size > 0) return;
    const socket = this.#socket;
    if (socket === undefined) return;
    // undici still has the end of the answer in hand, and looks for the next request a turn later.
    process.nextTick(() => {
      if (this.#underWay.size === 0 && !this.#guard.isLive(socket)) socket.destroy();
    });
  }

  #gone(socket: TLSSocket): void {
    if (this.#socket === socket) this.#socket = undefined;
    if (!this.#isPassedOver) return;
    this.#isPassedOver = false;
    setImmediate(() => (this as EventEmitter).emit("drain", this.#origin, [this]));
  }
}

function openOptions(target: buildConnector.Options, options: Client.Options, policy: DispatcherOptions): OpenOptions {
  const { source, authorize, timeoutMs, connect = {} } = policy;
  if (target.protocol !== "https:") throw new TypeError(`a peer behind ${target.protocol} can't be verified`);
  const servername = connect.servername ?? target.servername;
  return {
    ...connect,
    host: target.hostname,
    port: target.port === "" ? 443 : Number(target.port),
    ...(options.socketPath != null && { path: options.socketPath }),
    ...(target.localAddress != null && { localAddress: target.localAddress }),
    ...(servername != null && { servername }),
    ALPNProtocols: options.allowH2 === true ? ["h2", "http/1.1"] : ["http/1.1"],
    source,
    authorize,
    timeoutMs,
  };
}
