// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CliFailure, exitCode } from "../../failure.ts";

/** Says that a directory was made by `mayfly dev`, so that it may be emptied by the next one. */
const marker = ".mayfly-dev";
/** Where the demonstration programs lie. */
const programFolder = "bin";
/** sun_path holds 108 bytes with its end; the longest name below is "agent/workload.sock". */
const maxPathBytes = 107 - "/agent/workload.sock".length;

/** Everything that one `mayfly dev` writes. */
export class DevDirectory implements Disposable {
  /** Absolute, without symbolic links: what /proc shows of a program inside. */
  readonly path: string;
  readonly #temporary: boolean;
  #elsewhere: string | undefined;
  /** Also when the process is ended on the spot: a second Ctrl-C, a reader that went away. */
  readonly #onExit = (): void => this.#remove();

  private constructor(path: string, temporary: boolean) {
    this.path = realpathSync(path);
    this.#temporary = temporary;
    if (Buffer.byteLength(this.path) > maxPathBytes) {
      this[Symbol.dispose]();
      throw new CliFailure("PATH_TOO_LONG", `sockets below ${this.path} would have names of more than 107 bytes`, {
        exit: exitCode.usage,
        hint: "--dir takes a shorter one",
      });
    }
    writeFileSync(join(this.path, marker), "", { mode: 0o600 });
    process.once("exit", this.#onExit);
  }

  /** Makes a temporary directory, or takes the one named: empty, new, or left by an earlier `mayfly dev`. */
  static open(named: string | undefined): DevDirectory {
    if (named === undefined) return new DevDirectory(mkdtempSync(join(tmpdir(), "mayfly-dev-")), true);
    const path = resolve(named);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const content = readdirSync(path);
    if (content.length > 0 && !content.includes(marker)) {
      throw new CliFailure("DIRECTORY_IN_USE", `${path} holds files that are not from mayfly dev`, {
        exit: exitCode.usage,
        hint: "--dir takes an empty directory",
      });
    }
    for (const name of content) rmSync(join(path, name), { recursive: true, force: true });
    chmodSync(path, 0o700);
    return new DevDirectory(path, false);
  }

  /** A path inside; its folder exists. */
  file(folder: string, name: string): string {
    return join(this.#folder(folder), name);
  }

  #folder(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }

  /** Folders for the demonstration programs: inside, then others that may lie where programs can be executed. */
  *programFolders(): Iterable<string> {
    yield this.#folder(programFolder);
    for (const base of [homedir(), "/var/tmp"]) {
      try {
        this.#elsewhere = mkdtempSync(join(base, ".mayfly-dev-"));
      } catch {
        continue;
      }
      yield realpathSync(this.#elsewhere);
      this.#removeElsewhere();
    }
  }

  /** Removes a temporary directory; a named one is left to its owner, less the large programs. */
  [Symbol.dispose](): void {
    process.off("exit", this.#onExit);
    this.#remove();
  }

  #removeElsewhere(): void {
    if (this.#elsewhere !== undefined) rmSync(this.#elsewhere, { recursive: true, force: true });
    this.#elsewhere = undefined;
  }

  #remove(): void {
    this.#removeElsewhere();
    rmSync(this.#temporary ? this.path : join(this.path, programFolder), {
      recursive: true,
      force: true,
      maxRetries: 3,
    });
  }
}
