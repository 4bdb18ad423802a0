// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";
import { WorkloadApiError } from "../errors.ts";

/** The error of an answer that breaks the contract. */
export function bad(message: string, options?: ErrorOptions): WorkloadApiError {
  return new WorkloadApiError("BAD_RESPONSE", message, options);
}

/** Runs `read`; an error about what was received becomes BAD_RESPONSE. */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof SpiffeError) || cause instanceof WorkloadApiError) throw cause;
    throw bad(`the answer can't be used: ${cause.message}`, { cause });
  }
}

/** Members of a list, at least one and at most `max`. */
export function assertCount(what: string, count: number, max: number): void {
  if (count === 0) throw bad(`the answer has no ${what}`);
  if (count > max) throw bad(`the answer has ${count} times ${what} where ${max} are taken`);
}
