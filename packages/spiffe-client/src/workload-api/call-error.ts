// SPDX-License-Identifier: Apache-2.0
import { StatusError } from "@mayfly/rpc";
import { WorkloadApiError, type WorkloadApiErrorCode } from "../errors.ts";

// gRPC status codes. Workload Endpoint §5: 3 and 12 are not to be repeated, 7 and 14 may be. A server that goes away cancels (1).
const codes: ReadonlyMap<number, WorkloadApiErrorCode> = new Map([
  [1, "UNAVAILABLE"],
  [3, "INVALID_REQUEST"],
  [4, "UNAVAILABLE"],
  [7, "DENIED"],
  [12, "UNIMPLEMENTED"],
  [14, "UNAVAILABLE"],
]);

const final: ReadonlySet<WorkloadApiErrorCode> = new Set(["INVALID_REQUEST", "UNIMPLEMENTED"]);

/** The error of a call; anything but a StatusError stays what it is. */
export function toWorkloadApiError(error: unknown): unknown {
  if (!(error instanceof StatusError)) return error;
  return new WorkloadApiError(codes.get(error.code) ?? "FAILED", error.message, { cause: error });
}

/** Whether the same call may succeed later. */
export function mayRepeat(error: unknown): error is WorkloadApiError {
  return error instanceof WorkloadApiError && !final.has(error.code);
}
