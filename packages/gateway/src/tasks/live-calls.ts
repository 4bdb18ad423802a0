// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from "node:stream";
import type { SpiffeId } from "@mayfly/spiffe";
import type { Evidence, TaskId } from "@mayfly/tasks";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import type { CutConnection } from "../ports/task-feed.ts";

/** A request to a tool server that is under way. */
export interface RunningCall {
  /** Ends it when the task may act no longer. */
  readonly signal: AbortSignal;
  /** Call it when the request is over, whatever its end: its socket is given back or destroyed then. */
  done(): void;
}

/** Connections of one task. */
const maxSockets = 64;

interface Running {
  readonly controller: AbortController;
  readonly over: Promise<void>;
  readonly finish: () => void;
}

interface Holdings {
  /** By the peer's address. */
  readonly sockets: Map<string, Duplex>;
  /** By call id. */
  readonly calls: Map<string, Running>;
}

/** What is open for each task: connections that it came over, and requests that run for it. */
export class LiveCalls {
  readonly #tasks = new Map<TaskId, Holdings>();
  readonly #clock: Clock;
  readonly #by: string;

  /** @param by the gateway, for the evidence: connections may close after its source did */
  constructor(clock: Clock, by: SpiffeId) {
    this.#clock = clock;
    this.#by = by.toString();
  }

  /** How many requests run for a task. */
  running(taskId: TaskId): number {
    return this.#tasks.get(taskId)?.calls.size ?? 0;
  }

  /** Remembers a connection of a task until it closes. Ends it at once when the task has too many. */
  addSocket(taskId: TaskId, ref: string, socket: Duplex): void {
    const { sockets } = this.#holdings(taskId);
    if (sockets.size >= maxSockets) {
      socket.destroy();
      return;
    }
    sockets.set(ref, socket);
    socket.once("close", () => {
      if (sockets.get(ref) === socket) sockets.delete(ref);
      this.#tidy(taskId);
    });
  }

  /** Remembers a request that starts for a task. */
  start(taskId: TaskId, callId: string): RunningCall {
    const { calls } = this.#holdings(taskId);
    const controller = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    const running: Running = { controller, over: promise, finish: resolve };
    calls.set(callId, running);
    return {
      signal: controller.signal,
      done: () => {
        calls.delete(callId);
        running.finish();
        this.#tidy(taskId);
      },
    };
  }

  /** Ends all that is open for a task; resolves when each socket is closed and each request is over. */
  async cut(taskId: TaskId, why: string): Promise<readonly CutConnection[]> {
    const holdings = this.#tasks.get(taskId);
    if (holdings === undefined) return [];
    // First everything is ended, then each end is waited for.
    for (const { controller } of holdings.calls.values()) controller.abort(new GatewayError("CUT", why));
    const requests = [...holdings.calls].map(([callId, { over }]) => this.#ended(callId, over, "request-aborted"));
    const sockets = [...holdings.sockets].map(([ref, socket]) => {
      const closed = closing(socket);
      socket.destroy();
      return this.#ended(ref, closed, "socket-closed");
    });
    return await Promise.all([...requests, ...sockets]);
  }

  /** Evidence of what is open for a task now: after a cut, nothing. */
  noneLeft(taskId: TaskId): Evidence {
    const { sockets, calls } = this.#tasks.get(taskId) ?? {};
    const detail = { open_sockets: sockets?.size ?? 0, open_requests: calls?.size ?? 0 };
    return { by: this.#by, at: this.#clock.now(), method: "connections-counted", detail };
  }

  /** Evidence that a socket was closed. */
  closed(): Evidence {
    return { by: this.#by, at: this.#clock.now(), method: "socket-closed", detail: {} };
  }

  /** Ends all that is open for all tasks. */
  async cutAll(why: string): Promise<void> {
    await Promise.all([...this.#tasks.keys()].map((taskId) => this.cut(taskId, why)));
  }

  async #ended(ref: string, end: Promise<void>, method: string): Promise<CutConnection> {
    const started = this.#clock.monotonicMs();
    await end;
    const tookMs = Math.round((this.#clock.monotonicMs() - started) * 1000) / 1000;
    return { ref, evidence: { by: this.#by, at: this.#clock.now(), method, detail: { took_ms: tookMs } } };
  }

  #holdings(taskId: TaskId): Holdings {
    const known = this.#tasks.get(taskId);
    if (known !== undefined) return known;
    const holdings: Holdings = { sockets: new Map(), calls: new Map() };
    this.#tasks.set(taskId, holdings);
    return holdings;
  }

  #tidy(taskId: TaskId): void {
    const holdings = this.#tasks.get(taskId);
    if (holdings?.sockets.size === 0 && holdings.calls.size === 0) this.#tasks.delete(taskId);
  }
}

function closing(socket: Duplex): Promise<void> {
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once("close", () => resolve()));
}
