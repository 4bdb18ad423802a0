// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";

const sourceFile = "/packages/cli/src/main.ts";

/**
 * Keeps what Node makes of the sources inside a checkout, so that the next start takes less time. A built program has no types to
 * strip and leaves nothing behind anywhere; neither does a user who may not write to the checkout.
 */
export function keepCompiledSources(mainFile: string): void {
  if (!mainFile.endsWith(sourceFile) || process.env["NODE_COMPILE_CACHE"] !== undefined) return;
  const modules = join(mainFile.slice(0, -sourceFile.length), "node_modules");
  try {
    accessSync(modules, constants.W_OK);
  } catch {
    return;
  }
  enableCompileCache(join(modules, ".cache", "mayfly"));
}
