// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import type { ScramKeys } from "./scram-keys.ts";

/** A password of 256 random bits. Shows itself to nobody who only prints, logs or serializes it. */
export class Secret {
  readonly #bytes: Buffer;
  #isWiped = false;
  #derived: { readonly name: string; readonly keys: ScramKeys } | undefined;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  static random(): Secret {
    return new Secret(randomBytes(32));
  }

  get isWiped(): boolean {
    return this.#isWiped;
  }

  /** 43 characters, ASCII. A text can't be wiped: keep it nowhere. @throws {TypeError} when it was wiped */
  reveal(): string {
    if (this.#isWiped) throw new TypeError("the secret is gone");
    return this.#bytes.toString("base64url");
  }

  /** What was derived from it under this name, if that was the last. */
  recall(name: string): ScramKeys | undefined {
    return this.#derived?.name === name ? this.#derived.keys : undefined;
  }

  remember(name: string, keys: ScramKeys): void {
    if (!this.#isWiped) this.#derived = { name, keys };
  }

  wipe(): void {
    this.#bytes.fill(0);
    this.#derived?.keys.clientKey.fill(0);
    this.#derived = undefined;
    this.#isWiped = true;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }
}
