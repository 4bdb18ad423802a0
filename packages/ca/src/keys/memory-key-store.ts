// SPDX-License-Identifier: Apache-2.0
import { KeyStoreError } from "../errors.ts";
import type { KeyStore, SigningKey } from "../ports.ts";
import { generatePkcs8, SoftwareKey } from "./software-key.ts";

/** Keys that end with the process: for throw-away trust domains. */
export class MemoryKeyStore implements KeyStore {
  readonly #keys = new Map<string, SigningKey>();

  /** @throws {KeyStoreError} KEY_NAME_TAKEN */
  async generate(name: string): Promise<SigningKey> {
    const key = SoftwareKey.fromPkcs8(await generatePkcs8());
    if (this.#keys.has(name)) throw new KeyStoreError("KEY_NAME_TAKEN", `there is a key ${JSON.stringify(name)}`);
    this.#keys.set(name, key);
    return key;
  }

  async open(name: string): Promise<SigningKey | undefined> {
    return this.#keys.get(name);
  }

  async delete(name: string): Promise<void> {
    this.#keys.delete(name);
  }
}
