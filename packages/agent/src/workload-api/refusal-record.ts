// SPDX-License-Identifier: Apache-2.0
import type { PeerProcess } from "@mayfly/attestation";
import { type CallContext, reasonOf, StatusError } from "@mayfly/rpc";
import type { Logger } from "@mayfly/telemetry";
import { grpcCode } from "../grpc-code.ts";

type Call = CallContext<PeerProcess>;

/** One line for each call that is refused: who asked for what, and why not. What was asked for is not repeated, for it is untrusted. */
export class RefusalRecord {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Does what may refuse; a refusal is recorded and goes on. */
  check(call: Call, work: () => void): void {
    try {
      work();
    } catch (error) {
      throw this.#recorded(call, error);
    }
  }

  /** The same for an answer that takes its time. */
  async unary<T>(call: Call, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw this.#recorded(call, error);
    }
  }

  /** The same for a stream. */
  async *stream<T>(call: Call, messages: AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> {
    try {
      yield* messages;
    } catch (error) {
      throw this.#recorded(call, error);
    }
  }

  #recorded({ path, peer }: Call, error: unknown): unknown {
    const isRefusal =
      error instanceof StatusError &&
      (error.code === grpcCode.permissionDenied || error.code === grpcCode.invalidArgument);
    if (isRefusal) {
      const { pid, uid } = peer;
      this.#log.info("workload_refused", { method: path, pid, uid, status: error.code, reason: reasonOf(error)?.code });
    }
    return error;
  }
}
