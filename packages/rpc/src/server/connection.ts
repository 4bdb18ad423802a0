// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { PeerConnection } from "../handlers.ts";
import { StatusError } from "../status/status-error.ts";
import type { AuthorityFilter } from "./authority-filter.ts";

/** A call as its connection sees it. */
export interface OpenCall {
  readonly streaming: boolean;
  end(status: StatusError): void;
}

// One of each for all connections, since an error is dear.
const gone = new StatusError(status.UNAVAILABLE, "the connection is gone");
const closing = new StatusError(status.UNAVAILABLE, "the connection is being closed");

/** Time for the last statuses to leave before the socket is cut. */
const flushMs = 20;
const cutMs = 1000;

/** One accepted connection of an RpcServer and the calls that are open on it. */
export class Connection<Peer> implements PeerConnection<Peer> {
  readonly peer: Peer;
  readonly calls: Set<OpenCall> = new Set();
  #filter: AuthorityFilter | undefined;
  #abort: AbortController | undefined;
  #over: StatusError | undefined;
  #reason: string | undefined;

  constructor(peer: Peer) {
    this.peer = peer;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#over !== undefined) this.#abort.abort(this.#over);
    }
    return this.#abort.signal;
  }

  /** Gone, or being closed. */
  get over(): boolean {
    return this.#over !== undefined;
  }

  /** Why `close` was called; undefined when it was not. */
  get closeReason(): string | undefined {
    return this.#reason;
  }

  /** Names the socket side; `onGone` is called once, when it is closed. */
  attach(filter: AuthorityFilter, onGone: () => void): void {
    this.#filter = filter;
    filter.once("close", () => {
      this.#finish(gone);
      onGone();
    });
  }

  /** Ends streams now and leaves unary calls their time: for a server that goes. */
  endStreams(reason: StatusError): void {
    for (const call of this.calls) if (call.streaming) call.end(reason);
  }

  close(reason: string): void {
    if (this.#over !== undefined) return;
    this.#reason = reason;
    this.#filter?.shut();
    this.#finish(closing);
    setTimeout(() => afterWrites(() => this.#filter?.end()), flushMs);
    setTimeout(() => this.#filter?.destroy(), cutMs).unref();
  }

  /** Cuts the socket without another word. */
  destroy(): void {
    this.#filter?.destroy();
  }

  #finish(why: StatusError): void {
    if (this.#over !== undefined) return;
    this.#over = why;
    for (const call of this.calls) call.end(why);
    this.#abort?.abort(why);
  }
}

/** Also when the process is so busy that timers are late: what was given to HTTP/2 before is written in the turns between. */
function afterWrites(then: () => void): void {
  setImmediate(() => setImmediate(then));
}
