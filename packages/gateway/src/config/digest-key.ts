// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { GatewayError } from "../errors.ts";

const keyBytes = 32;

/**
 * The key of the digests of arguments: `arguments.key` in the data directory, made at first. It stays: digests of one argument are equal
 * over the life of the record.
 * @throws {GatewayError} KEY_UNREADABLE
 */
export async function openDigestKey(dataDir: string): Promise<Uint8Array> {
  const path = `${dataDir}/arguments.key`;
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const key = (await read(path)) ?? (await create(path));
    if (key.length === keyBytes) return key;
  } catch (cause) {
    throw new GatewayError("KEY_UNREADABLE", `${path} can't be read or made`, { cause });
  }
  throw new GatewayError("KEY_UNREADABLE", `${path} is damaged: it has ${String(keyBytes)} bytes`);
}

async function read(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whole or not at all: written aside, then linked; whoever was first is right. */
async function create(path: string): Promise<Uint8Array> {
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  const file = await open(aside, "wx", 0o600);
  try {
    await file.writeFile(randomBytes(keyBytes));
    await file.sync();
  } finally {
    await file.close();
  }
  await link(aside, path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  });
  await rm(aside);
  return await readFile(path);
}
