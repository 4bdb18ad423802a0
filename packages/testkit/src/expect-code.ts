// SPDX-License-Identifier: Apache-2.0
import { expect } from "vitest";

/** An error that says by a stable code what went wrong. */
export type CodedError = Error & { readonly code: string };

async function thrownBy(action: (() => unknown) | PromiseLike<unknown>): Promise<unknown> {
  try {
    await (typeof action === "function" ? action() : action);
  } catch (error) {
    return error;
  }
  return expect.fail("nothing was thrown");
}

/** Expects that `action` throws or rejects with an Error of this code; gives the error for a closer look. Texts are not for tests. */
export async function expectCode(action: (() => unknown) | PromiseLike<unknown>, code: string): Promise<CodedError> {
  const error = await thrownBy(action);
  expect(error).toBeInstanceOf(Error);
  expect(error).toHaveProperty("code", code);
  return error as CodedError;
}
