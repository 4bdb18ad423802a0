// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, hash, type KeyObject, verify } from "node:crypto";
import { JournalError } from "./errors.ts";
import { isKeyName } from "./note.ts";
import { fromBase64, toBase64 } from "./text-encoding.ts";

/** Signature type of plain Ed25519. C2SP signed-note, Signature types. */
const ed25519Type = 1;
const keyBytes = 32;
const signatureBytes = 64;
const maxVkeyLength = 1024;

function keyIdOf(name: string, typed: Uint8Array): number {
  return hash("sha256", Buffer.concat([Buffer.from(`${name}\n`), typed]), "buffer").readUInt32BE();
}

/** A named Ed25519 key that verifies notes; its text form is the *vkey*. C2SP signed-note, Verifier keys. */
export class NoteKey {
  /** For a log: its origin. */
  readonly name: string;
  /** 32 bits: the first of SHA-256 over name, newline, type and key. */
  readonly id: number;
  /** 32 bytes. RFC 8032 §5.1.2. */
  readonly publicKey: Uint8Array;
  readonly #key: KeyObject;

  private constructor(name: string, publicKey: Uint8Array) {
    this.name = name;
    this.publicKey = Uint8Array.from(publicKey);
    this.id = keyIdOf(name, Uint8Array.of(ed25519Type, ...publicKey));
    const x = Buffer.from(publicKey).toString("base64url");
    this.#key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  }

  /** `name+hex(ID)+base64(1 ‖ key)`, as `toString` writes it. @throws {JournalError} KEY_MALFORMED */
  static parse(vkey: string): NoteKey {
    const [, name, id, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(vkey.slice(0, maxVkeyLength + 1)) ?? [];
    const typed = fromBase64(base64 ?? "");
    if (name === undefined || typed === undefined || !isKeyName(name) || vkey.length > maxVkeyLength) {
      throw new JournalError("KEY_MALFORMED", "not a verifier key of the form name+id+key");
    }
    if (typed.length !== 1 + keyBytes || typed[0] !== ed25519Type) {
      throw new JournalError("KEY_MALFORMED", "the verifier key is not an Ed25519 key of type 1");
    }
    const key = new NoteKey(name, typed.subarray(1));
    if (key.idText !== id) throw new JournalError("KEY_MALFORMED", "the verifier key's ID is not that of its key");
    return key;
  }

  /** @throws {TypeError} for a name with spaces or plus, or anything but a public Ed25519 key */
  static of(name: string, publicKey: KeyObject): NoteKey {
    if (!isKeyName(name)) throw new TypeError(`not a key name: ${JSON.stringify(name)}`);
    if (publicKey.type !== "public" || publicKey.asymmetricKeyType !== "ed25519") {
      throw new TypeError("a log's key is a public Ed25519 key");
    }
    return new NoteKey(name, Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url"));
  }

  /** The ID as 8 hex digits. */
  get idText(): string {
    return this.id.toString(16).padStart(8, "0");
  }

  /** Whether the signature over the bytes is by this key. */
  verifies(data: Uint8Array, signature: Uint8Array): boolean {
    return signature.length === signatureBytes && verify(null, data, this.#key, signature);
  }

  /** The vkey. */
  toString(): string {
    return `${this.name}+${this.idText}+${toBase64(Uint8Array.of(ed25519Type, ...this.publicKey))}`;
  }
}
