// SPDX-License-Identifier: Apache-2.0
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { CliFailure, exitCode } from "./failure.ts";

const privateMode = 0o600;
const publicMode = 0o644;
/** The largest document that a command reads. */
const maxDocumentBytes = 64 * 1024 * 1024;

/** Secrets by their name; everything else is public. */
function modeOf(name: string): number {
  return /key|token/.test(name) ? privateMode : publicMode;
}

function writeFile(directory: string, name: string, content: string | Uint8Array, mode = modeOf(name)): void {
  const temporary = join(directory, `.${name}.${process.pid}`);
  rmSync(temporary, { force: true });
  // Exclusive and without following links: the name is predictable, and the directory may not be ours alone.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = openSync(temporary, flags, mode);
  try {
    for (let rest = Buffer.from(content); rest.length > 0; ) rest = rest.subarray(writeSync(file, rest));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, join(directory, name));
}

/** Writes files into a directory, each replaced at once (write, fsync, rename); keys and tokens 0600. Returns the names. */
export function writeFiles(directory: string, files: Readonly<Record<string, string>>): string[] {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    for (const [name, content] of Object.entries(files)) writeFile(directory, name, content);
  } catch (cause) {
    const { message } = cause as Error;
    throw new CliFailure("FILE_NOT_WRITTEN", `cannot write into ${JSON.stringify(directory)}: ${message}`, { cause });
  }
  return Object.keys(files);
}

/** Makes sure that `writeOne` can write there, before something is done that can't be repeated. @throws {CliFailure} FILE_NOT_WRITTEN */
export function assertWritable(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    accessSync(dirname(path), constants.W_OK);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) throw new Error("it is a directory");
  } catch (cause) {
    const { message } = cause as Error;
    throw new CliFailure("FILE_NOT_WRITTEN", `cannot write ${JSON.stringify(path)}: ${message}`, { cause });
  }
}

/** Writes one file of another name than its kind, whole or not at all; missing directories are made. @throws {CliFailure} FILE_NOT_WRITTEN */
export function writeOne(path: string, content: string | Uint8Array, kind: "secret" | "public"): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFile(dirname(path), basename(path), content, kind === "secret" ? privateMode : publicMode);
  } catch (cause) {
    const { message } = cause as Error;
    throw new CliFailure("FILE_NOT_WRITTEN", `cannot write ${JSON.stringify(path)}: ${message}`, { cause });
  }
}

/** Reads to the end, and one block past the limit at most: a device or a pipe may have no end. Undefined when there is more. */
function readUpTo(limit: number, descriptor: number): Buffer | undefined {
  const blocks: Buffer[] = [];
  for (let length = 0; length <= limit; ) {
    const block = Buffer.allocUnsafe(64 * 1024);
    const count = readSync(descriptor, block);
    if (count === 0) return Buffer.concat(blocks);
    blocks.push(block.subarray(0, count));
    length += count;
  }
  return undefined;
}

function readBytes(file: string): Buffer | undefined {
  if (file === "-") return readUpTo(maxDocumentBytes, 0);
  const descriptor = openSync(file, constants.O_RDONLY);
  try {
    return readUpTo(maxDocumentBytes, descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A secret or document from a file, or from standard input for `-`; one trailing line end is cut off. */
export function contentOf(file: string): string {
  let content: Buffer | undefined;
  try {
    content = readBytes(file);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new CliFailure("FILE_UNREADABLE", `cannot read ${JSON.stringify(file)}: ${code ?? message}`, {
      exit: exitCode.usage,
      cause,
    });
  }
  if (content === undefined)
    throw new CliFailure("FILE_TOO_LARGE", `${JSON.stringify(file)} is larger than 64 MiB`, { exit: exitCode.usage });
  return content.toString("utf8").replace(/\r?\n$/, "");
}
