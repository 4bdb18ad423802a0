// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "../src/errors.ts";

/** The code that the call is refused with; "accepted" when it is not. Any other error passes through. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof SpiffeError) return error.code;
    throw error;
  }
  return "accepted";
}
