// SPDX-License-Identifier: Apache-2.0
import { connect } from "node:net";
import { reasonOf, StatusError } from "@mayfly/rpc";
import { CliFailure, exitCode, toFailure } from "./failure.ts";
import { statusName } from "./status-name.ts";

const unavailable = 14;
const deadlineExceeded = 4;

/** Who answers on a socket. */
export type Responder = "server" | "agent";

/** Why nobody can be talked to at the place, a path or host:port; undefined when somebody accepts. */
function connectError(place: string): Promise<string | undefined> {
  const colon = place.lastIndexOf(":");
  const host = place.slice(0, colon).replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const socket = place.startsWith("/") ? connect(place) : connect(Number(place.slice(colon + 1)), host);
    socket.once("connect", () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "ERROR"));
  });
}

function unreachable(who: Responder, path: string, why: string, cause: unknown): CliFailure {
  const isAddress = !path.startsWith("/");
  const other =
    who === "server" && isAddress
      ? "--server names its listener"
      : who === "server"
        ? "--server-socket or MAYFLY_SERVER_SOCKET names another socket"
        : "--socket or SPIFFE_ENDPOINT_SOCKET names another socket";
  const denied = why === "EACCES" || why === "EPERM";
  return new CliFailure(
    who === "server" ? "SERVER_UNREACHABLE" : "AGENT_UNREACHABLE",
    denied ? `this user may not use ${path}` : `nobody answers on ${path} (${why})`,
    {
      hint: denied ? `run as the user of the ${who}; ${other}` : `is \`mayfly ${who} run\` up? ${other}`,
      exit: exitCode.unreachable,
      cause,
    },
  );
}

function statusErrorIn(error: unknown): StatusError | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth += 1)
    if (cause instanceof StatusError) return cause;
  return undefined;
}

/** The failure that a call over a socket ended with. */
export async function callFailure(error: unknown, who: Responder, path: string): Promise<CliFailure> {
  if (error instanceof CliFailure) return error;
  const status = statusErrorIn(error);
  if (status !== undefined) {
    if (status.code === unavailable || status.code === deadlineExceeded) {
      const why = await connectError(path);
      if (why !== undefined) return unreachable(who, path, why, error);
    }
    const reason = reasonOf(status);
    const hint = reason?.hint ?? (status.code === unavailable ? `the ${who} is not ready; its log says why` : "");
    const own = reason === undefined || reason.message === status.message ? "" : `: ${reason.message}`;
    const message = `${status.message}${own}`;
    const exit = status.code === deadlineExceeded ? exitCode.unreachable : exitCode.refused;
    return new CliFailure({ foreign: reason?.code ?? statusName(status.code) }, message, { hint, exit, cause: error });
  }
  return toFailure(error);
}
