// SPDX-License-Identifier: Apache-2.0
import { formatScope, parseScope } from "@mayfly/tasks";
import { parsedDocument } from "../../documents.ts";

/** A scope from a YAML or JSON file, checked here, as the JSON that the server takes. @throws {CliFailure} SCOPE_INVALID with every problem, exit 2 */
export function scopeJsonOf(file: string): string {
  return formatScope(parsedDocument(file, parseScope));
}
