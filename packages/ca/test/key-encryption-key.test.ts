// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  KeyStoreError,
  keyEncryptionKeyVariable,
  readKeyEncryptionKey,
  readOrCreateKeyEncryptionKey,
} from "../src/index.ts";

let folder: string;
let file: string;
const key = randomBytes(32);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mayfly-kek-"));
  file = join(folder, "kek");
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function readFrom(content: Uint8Array | string): Promise<Uint8Array | string | undefined> {
  await writeFile(file, content, { mode: 0o600 });
  return read({ file });
}

async function read(options: Parameters<typeof readKeyEncryptionKey>[0]): Promise<Uint8Array | string | undefined> {
  try {
    return await readKeyEncryptionKey(options);
  } catch (error) {
    if (error instanceof KeyStoreError) return error.code;
    throw error;
  }
}

describe("the key-encryption key", () => {
  it("comes from a file as it is, as hex or as base64", async () => {
    for (const content of [key, `${key.toString("hex")}\n`, `${key.toString("base64")}\n`]) {
      expect(Buffer.from((await readFrom(content)) as Uint8Array)).toEqual(key);
    }
  });

  it("comes from the environment when no file is named", async () => {
    const environment = { [keyEncryptionKeyVariable]: key.toString("base64") };
    expect(Buffer.from((await read({ environment })) as Uint8Array)).toEqual(key);
    expect(await read({ environment: {} })).toBeUndefined();
    expect(await read({ environment: { [keyEncryptionKeyVariable]: "short" } })).toBe("KEY_ENCRYPTION_KEY_INVALID");
  });

  it("is refused when it is missing, of another length, or when others may read it", async () => {
    expect(await read({ file })).toBe("KEY_ENCRYPTION_KEY_INVALID");
    for (const content of ["", randomBytes(31), randomBytes(33), randomBytes(5000), "g".repeat(64)]) {
      expect(await readFrom(content)).toBe("KEY_ENCRYPTION_KEY_INVALID");
    }
    await writeFile(file, key);
    for (const mode of [0o644, 0o604, 0o660, 0o620]) {
      await chmod(file, mode);
      expect(await read({ file })).toBe("KEY_ENCRYPTION_KEY_INVALID");
    }
  });

  it("is made once where it may be", async () => {
    const made = await Promise.all([1, 2, 3].map(() => readOrCreateKeyEncryptionKey(file)));
    expect(new Set(made.map((each) => Buffer.from(each).toString("hex"))).size).toBe(1);
    expect(await readOrCreateKeyEncryptionKey(file)).toEqual(await readKeyEncryptionKey({ file }));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});
