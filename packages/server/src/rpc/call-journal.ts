// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { type CallContext, type StatusMessage, StatusError } from "@mayfly/rpc";
import type { Logger, LogLevel } from "@mayfly/telemetry";
import { callerName } from "../authorization/caller.ts";
import { methodTable } from "../authorization/method-table.ts";
import type { Connection } from "../transport/connection.ts";
import { toStatusError } from "./status.ts";

type Context = Pick<CallContext<Connection>, "path" | "peer">;

/** Refusals that say something about the caller, and failures that say something about us; the rest is everyday life. */
const levels: Readonly<Record<number, LogLevel>> = {
  [status.PERMISSION_DENIED]: "info",
  [status.INVALID_ARGUMENT]: "info",
  [status.RESOURCE_EXHAUSTED]: "info",
  [status.FAILED_PRECONDITION]: "info",
  [status.UNAVAILABLE]: "warn",
  [status.INTERNAL]: "warn",
};

/** One line in the log for each call that was refused or failed, with the cause that the caller does not get to see. */
export class CallJournal {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** What the caller gets for an error; anything unknown is INTERNAL and an error in the log. */
  refused({ path, peer }: Context, error: unknown): StatusError {
    const fields = { method: path, ...who(peer) };
    const known = toStatusError(error);
    if (known === undefined) {
      this.#logger.error("call_failed", { ...fields, ...describe(error) });
      return new StatusError(status.INTERNAL, "internal error", [], { cause: error });
    }
    const cause = known.cause === undefined ? {} : { cause: describe(known.cause) };
    this.#logger[levels[known.code] ?? "debug"]("call_refused", {
      ...fields,
      status: known.code,
      message: known.message,
      ...cause,
    });
    return known;
  }

  /** Changes are told, and so are items that were refused while their batch succeeded. */
  answered({ path, peer }: Context, response: unknown): void {
    if (methodTable.get(path)?.recorded === true) this.#logger.info("change_made", { method: path, ...who(peer) });
    const { results } = response as { readonly results?: readonly { readonly status?: StatusMessage | null }[] };
    if (!Array.isArray(results)) return;
    const refused = results.filter((result: { status?: StatusMessage | null }) => (result.status?.code ?? 0) !== 0);
    if (refused.length === 0) return;
    const [first] = refused as { status: StatusMessage }[];
    this.#logger.info("call_items_refused", {
      method: path,
      ...who(peer),
      refused: refused.length,
      status: first?.status.code,
      message: first?.status.message,
    });
  }
}

function who({ kind, identity, address }: Connection): { caller: string; address: string | undefined } {
  return { caller: callerName({ local: kind === "local", identity, node: undefined }), address };
}

function describe(error: unknown): { error: string; code?: string } {
  const { message, code } = error as { message?: string; code?: unknown };
  return { error: message ?? String(error), ...(typeof code === "string" && { code }) };
}
