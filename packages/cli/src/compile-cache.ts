// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";

const sourceFile = "/packages/cli/src/main.ts";
const place = "/node_modules/.cache/mayfly";

/**
 * Keeps what Node makes of the sources inside a checkout, so that the next start takes less time. Threads and processes of ours find
 * the place in the environment; `scripts/mayfly` names it there already, so that not even the first file has its types stripped again.
 * A built program has no types to strip and leaves nothing behind anywhere; neither does a user who may not write to the checkout.
 */
export function keepCompiledSources(mainFile: string): void {
  if (!mainFile.endsWith(sourceFile) || process.env["NODE_COMPILE_CACHE"] !== undefined) return;
  const root = mainFile.slice(0, -sourceFile.length);
  try {
    accessSync(join(root, "node_modules"), constants.W_OK);
  } catch {
    return;
  }
  process.env["NODE_COMPILE_CACHE"] = root + place;
  enableCompileCache(root + place);
}

/** The environment for a program that is not ours: what Node makes of its sources is not kept with ours. */
export function foreignEnvironment(): NodeJS.ProcessEnv {
  const { NODE_COMPILE_CACHE: directory, ...others } = process.env;
  return directory?.endsWith(place) === true ? others : process.env;
}
