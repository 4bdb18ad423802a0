// SPDX-License-Identifier: Apache-2.0
import { type AttestedNode, type Selector, setDigest } from "@mayfly/registration";
import type { Sent, SyncRequest, SyncResponse } from "@mayfly/rpc";
import type { SyncHub } from "../src/sync/sync-hub.ts";

/** The agent's half of one stream, in memory: applies and acknowledges. */
export class Holder {
  readonly entries = new Map<string, string>();
  /** False: what comes is taken, but not acknowledged. */
  acknowledges = true;
  readonly #call = new AbortController();
  readonly #outbox: SyncRequest[] = [];
  #ring: () => void = () => undefined;
  readonly over: Promise<void>;

  constructor(hub: SyncHub, nodeId: string) {
    const end = (): void => {
      this.#call.abort();
    };
    this.over = this.#follow(hub.serve(nodeId, this.#requests(), { signal: this.#call.signal, end }));
  }

  stop(): void {
    this.#call.abort();
    this.#ring();
  }

  async *#requests(): AsyncGenerator<SyncRequest> {
    const nothing = Buffer.from(setDigest(new Map()));
    yield { open: { entries_digest: nothing, bundles_digest: nothing, seen_revision: "0", agent_version: "" } };
    while (!this.#call.signal.aborted) {
      yield* this.#outbox.splice(0);
      await new Promise<void>((resolve) => {
        this.#ring = resolve;
      });
    }
  }

  async #follow(responses: AsyncIterable<Sent<SyncResponse>>): Promise<void> {
    for await (const { nonce = "", revision = "", more, entries = [], removed_entry_ids: removed = [] } of responses) {
      for (const { entry, version } of entries) this.entries.set(entry?.id ?? "", version ?? "");
      for (const id of removed) this.entries.delete(id);
      if (more === true || !this.acknowledges) continue;
      this.#outbox.push({ ack: { nonce, revision } });
      this.#ring();
    }
  }
}

/** An active node. */
export function nodeOf(id: string, selectors: readonly Selector[]): AttestedNode {
  const expiresAt = Math.floor(Date.now() / 1000) + 3600;
  const none = { newSerialNumber: "", newExpiresAt: 0, agentVersion: "" };
  return { id, attestationType: "t", serialNumber: "1", expiresAt, canReattest: true, selectors, ...none };
}
