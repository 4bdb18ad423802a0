// SPDX-License-Identifier: Apache-2.0
import { setImmediate } from "node:timers/promises";
import type { PeerConnection } from "@mayfly/rpc";
import type { Clock } from "../clock.ts";
import { ExpiryQueue } from "../views/expiry-queue.ts";
import type { LiveViews } from "../views/live-views.ts";
import type { Connection, PeerIdentity } from "./connection.ts";

/** Grace after the end of an agent's certificate, in which calls are refused with an answer that says why. */
const expiredGraceMs = 10_000;
/** Chains verified without a pause. */
const sliceSize = 50;

/** What the watch asks of its surroundings. */
export interface ConnectionWatchDeps {
  readonly views: LiveViews;
  readonly clock: Clock;
  /** Whether the identity has rights of an operator now: such a connection gets no grace. */
  isOperator(identity: PeerIdentity): boolean;
  /** @throws when the chain is not acceptable any more */
  verify(chain: readonly Uint8Array[]): unknown;
}

/** Ends connections with the certificate that they were opened with, and when its authority leaves the bundle. */
export class ConnectionWatch implements Disposable {
  readonly #deps: ConnectionWatchDeps;
  readonly #open = new Map<string, PeerConnection<Connection>>();
  readonly #expiry: ExpiryQueue;
  readonly #unsubscribe: () => void;
  #opened = 0;

  constructor(deps: ConnectionWatchDeps) {
    this.#deps = deps;
    this.#expiry = new ExpiryQueue(deps.clock, (key) => {
      this.#open.get(key)?.close("the client's certificate ended");
    });
    this.#unsubscribe = deps.views.onChange(({ kind }) => {
      if (kind === "bundle") void this.#verifyAgain();
    });
  }

  add(connection: PeerConnection<Connection>): void {
    const { identity } = connection.peer;
    if (identity === undefined) return;
    const key = String((this.#opened += 1));
    this.#open.set(key, connection);
    const grace = this.#deps.isOperator(identity) ? 0 : expiredGraceMs;
    this.#expiry.set(key, new Date(identity.notAfter.getTime() + grace));
    connection.signal.addEventListener(
      "abort",
      () => {
        this.#open.delete(key);
        this.#expiry.delete(key);
      },
      { once: true },
    );
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
    this.#expiry[Symbol.dispose]();
  }

  /** In slices, so that a bundle with thousands of agents behind it does not stop everything else. */
  async #verifyAgain(): Promise<void> {
    let checked = 0;
    for (const connection of this.#open.values()) {
      this.#verifyOne(connection);
      if (++checked % sliceSize === 0) await setImmediate();
    }
  }

  #verifyOne(connection: PeerConnection<Connection>): void {
    const { chain, identity } = connection.peer;
    // Calls on an expired one are refused already, with the reason.
    if (identity !== undefined && this.#deps.clock.now() > identity.notAfter) return;
    try {
      this.#deps.verify(chain);
    } catch {
      connection.close("the client's certificate is not trusted any more");
    }
  }
}
