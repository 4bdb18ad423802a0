// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

const maxRemembered = 256;
const hashes = new Map<string, Promise<string>>();

/**
 * SHA-256, lower-case hex, of the file that the process runs, read through /proc/PID/exe so that a new file of the same name does not
 * count; undefined when the process is gone or runs another file than `executable` ("dev:ino"). Remembered until the file changes.
 */
export async function hashExecutable(pid: number, executable: string): Promise<string | undefined> {
  let file: FileHandle;
  try {
    file = await open(`/proc/${pid}/exe`, "r");
  } catch {
    // Gone, or not ours to read: without a hash no entry that asks for one can match.
    return undefined;
  }
  await using opened = file;
  const stats = await opened.stat({ bigint: true });
  if (`${stats.dev}:${stats.ino}` !== executable) return undefined;
  // Waited for here: the file is closed on the way out.
  return await remembered(stats, () => digest(opened));
}

function remembered(stats: BigIntStats, compute: () => Promise<string>): Promise<string> {
  const key = [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(":");
  const known = hashes.get(key);
  if (known !== undefined) return known;
  const oldest = hashes.size >= maxRemembered ? hashes.keys().next().value : undefined;
  if (oldest !== undefined) hashes.delete(oldest);
  const computed = compute();
  hashes.set(key, computed);
  computed.catch(() => hashes.delete(key));
  return computed;
}

async function digest(file: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: 1 << 20 }))
    hash.update(chunk as Buffer);
  return hash.digest("hex");
}
