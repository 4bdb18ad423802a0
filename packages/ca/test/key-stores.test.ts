// SPDX-License-Identifier: Apache-2.0
import { randomBytes, verify } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DiskKeyStore, type KeyStore, KeyStoreError, MemoryKeyStore } from "../src/index.ts";

let folder: string;
const keyEncryptionKey = randomBytes(32);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mayfly-keys-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function openDisk(kek: Uint8Array = keyEncryptionKey): Promise<DiskKeyStore> {
  return DiskKeyStore.open({ folder: join(folder, "keys"), keyEncryptionKey: kek });
}

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return "done";
  } catch (error) {
    if (error instanceof KeyStoreError) return error.code;
    throw error;
  }
}

const stores: [string, () => Promise<KeyStore>][] = [
  ["memory", async () => new MemoryKeyStore()],
  ["disk", () => openDisk()],
];

describe.each(stores)("a key store (%s)", (_name, open) => {
  it("makes keys that sign in both forms", async () => {
    const key = await (await open()).generate("one");
    const data = Buffer.from("what is signed");
    const der = await key.sign(data, "der");
    const raw = await key.sign(data, "p1363");
    expect(verify("sha256", data, key.publicKeyObject, der)).toBe(true);
    expect(verify("sha256", data, { key: key.publicKeyObject, dsaEncoding: "ieee-p1363" }, raw)).toBe(true);
    expect(raw).toHaveLength(64);
    expect(key.publicKeyObject.export({ format: "der", type: "spki" }).equals(key.publicKey)).toBe(true);
    expect(key.publicKeyObject.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
  });

  it("signs through WebCrypto with the same key, and does not hand it out", async () => {
    const key = await (await open()).generate("one");
    const { provider, privateKey } = await key.webCrypto();
    const { subtle } = provider as Crypto;
    const data = Buffer.from("what is signed");
    const signature = await subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey as CryptoKey, data);
    const check = { key: key.publicKeyObject, dsaEncoding: "ieee-p1363" } as const;
    expect(verify("sha256", data, check, new Uint8Array(signature))).toBe(true);
    await expect(subtle.exportKey("pkcs8", privateKey as CryptoKey)).rejects.toThrow();
  });

  it("finds a key again, and none under another name or after it was deleted", async () => {
    const store = await open();
    const key = await store.generate("one");
    expect((await store.open("one"))?.publicKey).toEqual(key.publicKey);
    expect(await store.open("two")).toBeUndefined();
    await store.delete("one");
    await store.delete("one");
    expect(await store.open("one")).toBeUndefined();
  });

  it("never replaces a key", async () => {
    const store = await open();
    const key = await store.generate("one");
    expect(await codeOf(() => store.generate("one"))).toBe("KEY_NAME_TAKEN");
    expect((await store.open("one"))?.publicKey).toEqual(key.publicKey);
  });
});

describe("the disk key store", () => {
  it("keeps keys over a restart, in files that only their owner may read", async () => {
    const key = await (await openDisk()).generate("one");
    expect((await (await openDisk()).open("one"))?.publicKey).toEqual(key.publicKey);
    const path = join(folder, "keys", "one.key");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "keys"))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder, "keys"))).toEqual(["one.key"]);
  });

  it("refuses the wrong key-encryption key with a code", async () => {
    await (await openDisk()).generate("one");
    const other = await openDisk(randomBytes(32));
    expect(await codeOf(() => other.open("one"))).toBe("KEY_ENCRYPTION_KEY_WRONG");
    expect(await codeOf(() => openDisk(randomBytes(16)))).toBe("KEY_ENCRYPTION_KEY_INVALID");
  });

  it("refuses a file that was changed, is empty or is too large", async () => {
    const store = await openDisk();
    await store.generate("one");
    const path = join(folder, "keys", "one.key");
    const bytes = await readFile(path);
    for (const changed of [bytes.fill(0, bytes.length - 4), Buffer.alloc(0), Buffer.alloc(100_000)]) {
      await writeFile(path, changed);
      expect(await codeOf(() => store.open("one"))).toBe("KEY_FILE_CORRUPT");
    }
  });

  it("refuses files and folders that others may use, and links", async () => {
    const store = await openDisk();
    await store.generate("one");
    const path = join(folder, "keys", "one.key");
    await chmod(path, 0o640);
    expect(await codeOf(() => store.open("one"))).toBe("KEY_FILE_UNSAFE");
    await symlink(path, join(folder, "keys", "two.key"));
    await expect(store.open("two")).rejects.toThrow("ELOOP");
    await chmod(join(folder, "keys"), 0o750);
    expect(await codeOf(() => openDisk())).toBe("KEY_FILE_UNSAFE");
  });

  it("clears away what a killed process left half written", async () => {
    await (await openDisk()).generate("one");
    await writeFile(join(folder, "keys", "two.key.00ff.new"), "half");
    expect((await (await openDisk()).open("one"))?.publicKey).toBeDefined();
    expect(await readdir(join(folder, "keys"))).toEqual(["one.key"]);
  });

  it("takes no name that leaves its folder", async () => {
    const store = await openDisk();
    for (const name of ["../one", "a/b", "", ".", "a\0"]) await expect(store.open(name)).rejects.toThrow(RangeError);
  });
});
