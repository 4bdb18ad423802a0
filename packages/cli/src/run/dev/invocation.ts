// SPDX-License-Identifier: Apache-2.0
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** How this program is called: `mayfly`, or the script of the checkout that it runs from, as seen from here. */
export function invocationName(): string {
  const file = fileURLToPath(import.meta.url);
  const source = "/packages/cli/src/run/dev/invocation.ts";
  if (!file.endsWith(source)) return "mayfly";
  const script = `${file.slice(0, -source.length)}/scripts/mayfly`;
  const near = relative(process.cwd(), script);
  return near.startsWith("..") ? script : near;
}
