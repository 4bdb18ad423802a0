// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode } from "@mayfly/registration";
import type { Caller } from "../authorization/caller.ts";

/** The node behind a call to a method for agents; the guard lets nobody else in. */
export function requireNode({ node }: Caller): AttestedNode {
  if (node === undefined) throw new TypeError("a method for agents was called by something else");
  return node;
}
