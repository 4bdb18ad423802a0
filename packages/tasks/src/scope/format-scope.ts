// SPDX-License-Identifier: Apache-2.0
import { canonicalText, type Plain } from "../canonical-text.ts";
import type { Scope } from "./scope.ts";

/** The one text of a scope: JSON as of RFC 8785, in the order of its tools; absent members are left out. `parseScope` reads it. */
export function formatScope(scope: Scope): string {
  const plain = JSON.stringify({
    tools: scope.tools.map((tool) => ({ ...tool, notAfter: tool.notAfter?.toISOString() })),
  });
  return canonicalText(JSON.parse(plain) as Plain);
}
