// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { type CallContext, reasonOf, type StatusError } from "@mayfly/rpc";
import { callerName } from "../../authorization/caller.ts";
import type { Connection } from "../../transport/connection.ts";
import type { Recorder } from "./recorder.ts";

/** What is a decision about a call; the others say something about us, or nothing. */
const decisions: ReadonlySet<number> = new Set([
  status.PERMISSION_DENIED,
  status.INVALID_ARGUMENT,
  status.RESOURCE_EXHAUSTED,
  status.FAILED_PRECONDITION,
  status.ALREADY_EXISTS,
]);
/** Of one caller in a second: nobody fills the disk with refusals. The server's log has the others. */
const maxPerSecond = 20;
/** Of all who show no certificate together. */
const maxAnonymousPerSecond = 2;
const maxCallers = 10_000;

/** Records calls of the task layer that were denied, malformed or over a limit, before they are answered. */
export class RefusedCalls {
  readonly #recorder: Recorder;
  #second = 0;
  readonly #counts = new Map<string, number>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  async note({ path, peer }: Pick<CallContext<Connection>, "path" | "peer">, refusal: StatusError): Promise<void> {
    if (!path.startsWith("/mayfly.task.v1.") || !decisions.has(refusal.code)) return;
    const actor = callerName({ local: peer.kind === "local", identity: peer.identity, node: undefined });
    if (!this.#isWithin(actor)) return;
    const serial = peer.identity && BigInt(peer.identity.serialNumber).toString(16);
    const code = reasonOf(refusal)?.code ?? "";
    const body = { method: path.slice(1), status: refusal.code, code };
    await this.#recorder.note({ kind: "decision", actor, ...(serial && { serial }), decision: "deny", body });
  }

  #isWithin(actor: string): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts.clear();
    }
    const count = (this.#counts.get(actor) ?? 0) + 1;
    if (this.#counts.size < maxCallers || count > 1) this.#counts.set(actor, count);
    return count <= (actor === "anonymous" ? maxAnonymousPerSecond : maxPerSecond);
  }
}
