// SPDX-License-Identifier: Apache-2.0
import { writeSync } from "node:fs";

/** Says a line on standard output; waits for the pipe to take it: the killer reads at its own pace. */
export function acknowledge(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    }
  }
}
