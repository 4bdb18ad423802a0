// SPDX-License-Identifier: Apache-2.0
import { reasonOf, StatusError } from "@mayfly/rpc";

/** An error as an answer: the stable code nearest to its cause, and what was said on the way. */
export function describeError(error: unknown): { readonly code: string; readonly message: string } {
  const chain: Error[] = [];
  for (let each = error; each instanceof Error && chain.length < 8; each = each.cause) chain.push(each);
  const code = chain.map(codeOf).findLast((each) => each !== undefined) ?? "FAILED";
  return { code, message: chain.map(({ message }) => message).join(": ") };
}

function codeOf(error: Error): string | undefined {
  // The number of a gRPC status says less than the reason that the server adds.
  if (error instanceof StatusError) return reasonOf(error)?.code;
  const { code } = error as Error & { readonly code?: unknown };
  return typeof code === "string" ? code : undefined;
}
