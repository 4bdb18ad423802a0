// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { SourceError } from "../../errors.ts";

const maxFileBytes = 4_194_304;

/** Contents by path. */
export type FileContents = ReadonlyMap<string, Buffer>;

/** Reads each file once, at most 4 MiB each. @throws {SourceError} FILE_UNREADABLE, FILE_TOO_LARGE */
export async function readFiles(paths: readonly string[]): Promise<FileContents> {
  const contents = new Map<string, Buffer>();
  for (const path of paths) contents.set(path, await readOne(path));
  return contents;
}

/** Whether both have the same bytes for the same paths. */
export function sameContents(one: FileContents, other: FileContents): boolean {
  return one.size === other.size && [...one].every(([path, bytes]) => other.get(path)?.equals(bytes) === true);
}

async function readOne(path: string): Promise<Buffer> {
  try {
    // Without O_NONBLOCK a pipe in the place of the file would wait for its writer.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await readAll(handle, path);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof SourceError) throw cause;
    throw new SourceError("FILE_UNREADABLE", `the file ${JSON.stringify(path)} can't be read`, { cause });
  }
}

async function readAll(handle: FileHandle, path: string): Promise<Buffer> {
  const stat = await handle.stat();
  if (!stat.isFile()) throw new SourceError("FILE_UNREADABLE", `${JSON.stringify(path)} is no file`);
  if (stat.size > maxFileBytes)
    throw new SourceError("FILE_TOO_LARGE", `the file ${JSON.stringify(path)} has more than ${maxFileBytes} bytes`);
  const buffer = Buffer.alloc(stat.size);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}
