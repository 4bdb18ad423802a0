// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, readSync } from "node:fs";

// A file of /proc gives all that it has to a buffer that is large enough: a short read is the end. Only groups can be longer.
const buffer = Buffer.allocUnsafeSlow(65_536);

/** The text of a small file of /proc; half the system calls of reading a file of unknown kind. @throws as `openSync` and `readSync` */
export function readProc(path: string): string {
  const file = openSync(path, "r");
  try {
    let text = "";
    for (;;) {
      const length = readSync(file, buffer, 0, buffer.length, null);
      text += buffer.toString("latin1", 0, length);
      if (length < buffer.length) return text;
    }
  } finally {
    closeSync(file);
  }
}
