// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:fs";
import { chmod, lstat, mkdir, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { KeyStoreError } from "../errors.ts";
import type { KeyStore, SigningKey } from "../ports.ts";
import { maxKeyFileBytes, sealKey, unsealKey } from "./key-file.ts";
import { createPrivateFile, removeUnfinished, syncFolder } from "./private-file.ts";
import { generatePkcs8, SoftwareKey } from "./software-key.ts";

const extension = ".key";
const othersMay = 0o077;

/** One encrypted file for each key, in a folder of its own. */
export class DiskKeyStore implements KeyStore {
  readonly #folder: string;
  readonly #kek: Uint8Array;

  private constructor(folder: string, kek: Uint8Array) {
    this.#folder = folder;
    this.#kek = Uint8Array.from(kek);
  }

  /**
   * `folder` is made with mode 0700 when it isn't there; `keyEncryptionKey`: 32 bytes, copied.
   * @throws {KeyStoreError} KEY_FILE_UNSAFE when others may use the folder or it is somebody else's, KEY_ENCRYPTION_KEY_INVALID
   */
  static async open(options: {
    readonly folder: string;
    readonly keyEncryptionKey: Uint8Array;
  }): Promise<DiskKeyStore> {
    const { folder, keyEncryptionKey } = options;
    if (keyEncryptionKey.length !== 32) {
      throw new KeyStoreError("KEY_ENCRYPTION_KEY_INVALID", "a key-encryption key has 32 bytes");
    }
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (made !== undefined) await chmod(folder, 0o700);
    const found = await lstat(folder);
    if (!found.isDirectory() || (found.mode & othersMay) !== 0 || found.uid !== process.getuid?.()) {
      throw new KeyStoreError("KEY_FILE_UNSAFE", `${folder} must be a folder of this user with mode 0700`);
    }
    await removeUnfinished(folder);
    return new DiskKeyStore(folder, keyEncryptionKey);
  }

  /** @throws {KeyStoreError} KEY_NAME_TAKEN */
  async generate(name: string): Promise<SigningKey> {
    const path = this.#path(name);
    const pkcs8 = await generatePkcs8();
    try {
      if (!(await createPrivateFile(path, sealKey(name, pkcs8, this.#kek)))) {
        throw new KeyStoreError("KEY_NAME_TAKEN", `there is a key ${JSON.stringify(name)}`);
      }
      return SoftwareKey.fromPkcs8(pkcs8);
    } finally {
      pkcs8.fill(0);
    }
  }

  /** @throws {KeyStoreError} KEY_ENCRYPTION_KEY_WRONG, KEY_FILE_CORRUPT, KEY_FILE_UNSAFE */
  async open(name: string): Promise<SigningKey | undefined> {
    const file = await readIfThere(this.#path(name));
    return file === undefined ? undefined : SoftwareKey.fromPkcs8(unsealKey(name, file, this.#kek));
  }

  async delete(name: string): Promise<void> {
    try {
      await unlink(this.#path(name));
    } catch (error) {
      if (!isMissing(error)) throw error;
      return;
    }
    await syncFolder(this.#folder);
  }

  #path(name: string): string {
    if (!/^[a-z0-9][a-z0-9._-]{0,99}$/i.test(name)) throw new RangeError(`${JSON.stringify(name)} can't name a key`);
    return join(this.#folder, name + extension);
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  let handle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const { mode, size } = await handle.stat();
    if ((mode & othersMay) !== 0) throw new KeyStoreError("KEY_FILE_UNSAFE", `${path} must have mode 0600`);
    if (size > maxKeyFileBytes) throw new KeyStoreError("KEY_FILE_CORRUPT", `${path} is too large for a key`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}
