// SPDX-License-Identifier: Apache-2.0
import { JournalError } from "../src/index.ts";

/** The code of the JournalError that an action throws, else `accepted`; anything else that is thrown goes through. */
export function codeOf(action: () => unknown): string {
  try {
    action();
    return "accepted";
  } catch (error) {
    if (error instanceof JournalError) return error.code;
    throw error;
  }
}

/** As `codeOf`, for what is awaited. */
export async function rejectionOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "accepted";
  } catch (error) {
    if (error instanceof JournalError) return error.code;
    throw error;
  }
}
