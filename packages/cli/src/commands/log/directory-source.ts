// SPDX-License-Identifier: Apache-2.0
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LogSource } from "@mayfly/journal";
import { CliFailure, exitCode } from "../../failure.ts";

const maxBytes = 32 * 1024 * 1024;

/** A log as files in the layout of C2SP tlog-tiles: what `mayfly log export` writes. */
export class LogDirectory implements LogSource {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws {CliFailure} FILE_UNREADABLE when it is no directory */
  static async open(directory: string): Promise<LogDirectory> {
    const found = await stat(directory).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
    if (typeof found !== "string" && found.isDirectory()) return new LogDirectory(directory);
    const why = typeof found === "string" ? found : "it is no directory";
    throw new CliFailure("FILE_UNREADABLE", `cannot read ${JSON.stringify(directory)}: ${why}`, {
      hint: "mayfly log export writes one",
      exit: exitCode.usage,
    });
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
