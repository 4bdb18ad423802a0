// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createHmac, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyStoreError } from "../errors.ts";
import { sealKey, unsealKey } from "./key-file.ts";

const kek = randomBytes(32);

function codeOf(read: () => unknown): string {
  try {
    read();
    return "opened";
  } catch (error) {
    if (error instanceof KeyStoreError) return error.code;
    throw error;
  }
}

describe("a key file", () => {
  it("gives back what was put in", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 2000 }), (pkcs8) => {
        expect(Buffer.from(unsealKey("a", sealKey("a", pkcs8, kek), kek)).equals(pkcs8)).toBe(true);
      }),
    );
  });

  it("never shows the key", () => {
    const pkcs8 = randomBytes(138);
    expect(Buffer.from(sealKey("a", pkcs8, kek)).includes(pkcs8.subarray(40, 56))).toBe(false);
  });

  it("is never written twice alike", () => {
    const pkcs8 = randomBytes(138);
    expect(sealKey("a", pkcs8, kek)).not.toEqual(sealKey("a", pkcs8, kek));
  });

  it("SEC-D12: is refused after any change of a bit", () => {
    const file = sealKey("a", randomBytes(138), kek);
    for (let bit = 0; bit < file.length * 8; bit++) {
      const changed = Uint8Array.from(file);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(["KEY_FILE_CORRUPT", "KEY_ENCRYPTION_KEY_WRONG"]).toContain(codeOf(() => unsealKey("a", changed, kek)));
    }
  });

  it("SEC-D12: is refused when cut short or longer", () => {
    const file = sealKey("a", randomBytes(138), kek);
    for (let length = 0; length < file.length; length++) {
      expect(codeOf(() => unsealKey("a", file.subarray(0, length), kek))).toBe("KEY_FILE_CORRUPT");
    }
    expect(codeOf(() => unsealKey("a", Buffer.concat([file, Buffer.of(0)]), kek))).toBe("KEY_FILE_CORRUPT");
    expect(codeOf(() => unsealKey("a", Buffer.concat([file, Buffer.alloc(5000)]), kek))).toBe("KEY_FILE_CORRUPT");
  });

  it("SEC-D12: is refused when it says that it is of another version, even of the one before", () => {
    const file = sealKey("a", randomBytes(138), kek);
    for (let version = 0; version < 256; version++) {
      if (version === file[4]) continue;
      const changed = Uint8Array.from(file).with(4, version);
      expect(codeOf(() => unsealKey("a", changed, kek))).toBe("KEY_FILE_CORRUPT");
    }
    expect(codeOf(() => unsealKey("a", file, kek))).toBe("opened");
  });

  it("of version 1 is still read", () => {
    const nonce = randomBytes(12);
    const id = createHmac("sha256", kek).update("mayfly key-encryption key id").digest().subarray(0, 8);
    const head = Buffer.concat([Buffer.from("MFKF\u0001", "latin1"), id]);
    const cipher = createCipheriv("aes-256-gcm", kek, nonce).setAAD(Buffer.concat([head, Buffer.from("a")]));
    const file = Buffer.concat([head, nonce, cipher.update("a key"), cipher.final(), cipher.getAuthTag()]);
    expect(Buffer.from(unsealKey("a", file, kek)).toString()).toBe("a key");
    expect(codeOf(() => unsealKey("b", file, kek))).toBe("KEY_FILE_CORRUPT");
  });

  it("is refused under the name of another key", () => {
    const file = sealKey("a", randomBytes(138), kek);
    expect(codeOf(() => unsealKey("b", file, kek))).toBe("KEY_FILE_CORRUPT");
  });

  it("tells a wrong key-encryption key from a broken file", () => {
    const file = sealKey("a", randomBytes(138), kek);
    expect(codeOf(() => unsealKey("a", file, randomBytes(32)))).toBe("KEY_ENCRYPTION_KEY_WRONG");
  });

  it("refuses whatever else it is given with a code", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(codeOf(() => unsealKey("a", bytes, kek))).toBe("KEY_FILE_CORRUPT");
      }),
    );
  });
});
