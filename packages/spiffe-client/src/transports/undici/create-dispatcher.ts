// SPDX-License-Identifier: Apache-2.0
import { Agent, type Client, Dispatcher1Wrapper, type Dispatcher, Pool } from "undici";
import { ConnectionGuard } from "../../connections/connection-guard.ts";
import type { DispatcherOptions } from "./dispatcher-options.ts";
import { GuardedClient } from "./guarded-client.ts";

/**
 * A dispatcher for undici and for node's own `fetch(url, { dispatcher })`: each connection is made with the SVID of then and used after the
 * server was verified and authorized; one whose verdict has ended takes no new request. Origins other than `https:` are refused. HTTP/2 only
 * with `allowH2: true`. A refusal is the request's error (`cause` of fetch's TypeError). Who makes it closes it: `close()`.
 */
export function createDispatcher(options: DispatcherOptions): Agent {
  return new PeerDispatcher(options);
}

class PeerDispatcher extends Agent {
  readonly #legacy: Dispatcher1Wrapper;

  constructor(policy: DispatcherOptions) {
    const { source, authorize, closeConnections, drainMs, onConnectionEnd, ...rest } = policy;
    const guard = new ConnectionGuard({
      source,
      authorize,
      closeConnections,
      drainMs,
      onConnectionEnd,
      role: "server",
    });
    const { timeoutMs: _timeoutMs, connect: _connect, ...given } = rest;
    const client = (origin: URL, clientOptions: Client.Options): Dispatcher =>
      new GuardedClient(origin, clientOptions, {
        policy,
        guard,
        elsewhere: (options, handler) => void this.dispatch(options, handler),
      });
    super({
      ...given,
      allowH2: given.allowH2 === true,
      factory: (origin, poolOptions: Pool.Options) => new Pool(origin, { ...poolOptions, factory: client }),
    });
    this.#legacy = new Dispatcher1Wrapper(this);
  }

  override dispatch(options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    // The fetch of node 22 and 24 comes with the handlers of undici 6 and 7.
    if (typeof handler.onRequestStart !== "function") return this.#legacy.dispatch(options, handler);
    return super.dispatch(options, handler);
  }
}
