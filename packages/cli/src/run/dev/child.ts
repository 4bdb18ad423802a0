// SPDX-License-Identifier: Apache-2.0
// Entry point of a demonstration program. Whoever starts it imports the path from here, and nothing else is loaded then.
import { fileURLToPath } from "node:url";

/** This file, for `fork`. Arguments: the program's name, the Workload API's address. */
export const childFile: string = fileURLToPath(import.meta.url);

if (import.meta.main) {
  const [, , name = "", address = ""] = process.argv;
  const { demonstrate } = await import("./demonstration.ts");
  demonstrate(name, address);
}
