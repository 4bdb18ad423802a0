// SPDX-License-Identifier: Apache-2.0
import { grpcCode } from "../grpc-code.ts";
import { type RpcChannel, StatusError } from "@mayfly/rpc";
import type { AgentSvid } from "../identity/agent-svid.ts";
import type { SyncMode } from "../standing.ts";
import { createIssuer, type Issuer } from "../svid/issuer.ts";
import { runPollSession } from "./poll-session.ts";
import { runPushSession } from "./push-session.ts";
import type { SyncTarget } from "./sync-target.ts";

/** One channel to a server under one agent SVID, and the synchronisation over it. */
export class ServerSession {
  readonly svid: AgentSvid;
  readonly channel: RpcChannel;
  /** Resolves when the first answer was applied. */
  readonly settled: Promise<void>;
  /** Resolves with what ended the session; never rejects. */
  readonly ended: Promise<unknown>;
  readonly #abort = new AbortController();
  #mode: SyncMode = "push";

  constructor(svid: AgentSvid, channel: RpcChannel, target: SyncTarget, preference: SyncMode | "auto") {
    this.svid = svid;
    this.channel = channel;
    const settled = Promise.withResolvers<void>();
    this.settled = settled.promise;
    const own: SyncTarget = {
      ...target,
      apply: (delta, mode) => {
        // What comes late from a session that another one replaced is older than what is held.
        if (this.#abort.signal.aborted) return;
        target.apply(delta, mode);
        settled.resolve();
      },
    };
    this.ended = this.#run(own, preference).then(
      () => new StatusError(grpcCode.unavailable, "the server ended the stream"),
      (error: unknown) => error,
    );
  }

  get issuer(): Issuer {
    return createIssuer(this.channel, this.#mode);
  }

  /** Ends the synchronisation and the connection. */
  close(): void {
    this.#abort.abort(new StatusError(grpcCode.cancelled, "the session was replaced"));
    this.channel.close();
  }

  async #run(target: SyncTarget, preference: SyncMode | "auto"): Promise<void> {
    const { signal } = this.#abort;
    this.#mode = preference === "poll" ? "poll" : "push";
    try {
      if (this.#mode === "push") return await runPushSession(this.channel, target, signal);
    } catch (error) {
      const isForeign = error instanceof StatusError && error.code === grpcCode.unimplemented;
      if (preference !== "auto" || !isForeign) throw error;
      this.#mode = "poll";
    }
    return runPollSession(this.channel, target, signal);
  }
}
