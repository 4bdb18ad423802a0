// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LogSource } from "@mayfly/journal";
import { CliFailure } from "../../failure.ts";

const maxBytes = 32 * 1024 * 1024;

/** A log as files in the layout of C2SP tlog-tiles: what `mayfly log export` writes. */
export class LogDirectory implements LogSource {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws {CliFailure} FILE_UNREADABLE for what is there and can't be read */
  async read(path: string): Promise<Uint8Array | undefined> {
    try {
      const bytes = await readFile(join(this.#directory, path));
      // No resource of a log is larger: it would not be one.
      return bytes.length > maxBytes ? bytes.subarray(0, maxBytes) : bytes;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      throw new CliFailure(
        "FILE_UNREADABLE",
        `cannot read ${JSON.stringify(join(this.#directory, path))}: ${code ?? message}`,
      );
    }
  }
}
