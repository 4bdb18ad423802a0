// SPDX-License-Identifier: Apache-2.0
import { StatusError } from "@mayfly/rpc";
import type { AgentSvid } from "./identity/agent-svid.ts";
import { Wake } from "./wake.ts";

/** How the agent gets its entries. */
export type SyncMode = "push" | "poll";

/** Where the agent stands with its server. Every change wakes those who wait on `changes`. */
export class Standing {
  /** Entries, bundles, SVIDs or the fields below changed. */
  readonly changes: Wake = new Wake();
  #svid: AgentSvid | undefined;
  #settled = false;
  #connected = false;
  #mode: SyncMode = "push";
  #lastSyncAt: Date | undefined;
  #lastError = "";
  #refused = false;

  get svid(): AgentSvid | undefined {
    return this.#svid;
  }

  /** Whether what the agent holds is what the server says now: only then may an identity be denied. */
  get settled(): boolean {
    return this.#settled;
  }

  get connected(): boolean {
    return this.#connected;
  }

  get mode(): SyncMode {
    return this.#mode;
  }

  get lastSyncAt(): Date | undefined {
    return this.#lastSyncAt;
  }

  /** The last thing that went wrong with the server, for people; "" = nothing since the last success. */
  get lastError(): string {
    return this.#lastError;
  }

  /** The server said that this node has no place any more: that is an answer, so identities are denied for it. */
  get refused(): boolean {
    return this.#refused;
  }

  attested(svid: AgentSvid): void {
    this.#svid = svid;
    this.#refused = false;
    this.changes.notify();
  }

  /** `withdrawn`: the server does not know the node any more, or banned it. */
  lost({ withdrawn }: { readonly withdrawn: boolean }): void {
    this.#svid = undefined;
    this.#settled = false;
    this.#connected = false;
    this.#refused = withdrawn;
    this.changes.notify();
  }

  /** A delta was applied and the set is whole. */
  synced(mode: SyncMode, at: Date): void {
    this.#settled = true;
    this.#connected = true;
    this.#mode = mode;
    this.#lastSyncAt = at;
    this.#lastError = "";
    this.changes.notify();
  }

  /** The server can't be asked. */
  disconnected(error: unknown): void {
    this.#settled = false;
    this.#connected = false;
    this.#lastError = describeError(error);
    this.changes.notify();
  }

  failed(error: unknown): void {
    this.#lastError = describeError(error);
  }
}

/** One line without secrets: a status by its number and text, a coded error by its code. */
export function describeError(error: unknown): string {
  if (error instanceof StatusError) return `status ${error.code}: ${error.message}`;
  if (error instanceof Error) return "code" in error ? `${String(error.code)}: ${error.message}` : error.message;
  return String(error);
}
