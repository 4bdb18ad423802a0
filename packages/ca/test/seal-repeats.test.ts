// SPDX-License-Identifier: Apache-2.0
import { createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sealKey, unsealKey } from "../src/index.ts";

const kek = randomBytes(32);
const [saltAt, nonceAt, sealedAt] = [13, 29, 41];

describe("sealed keys", { timeout: 300_000 }, () => {
  it("SEC-D10: of a million under one key-encryption key no two share a data key or a nonce", () => {
    const count = 1_000_000;
    const secret = randomBytes(64);
    const [salts, nonces] = [new Set<string>(), new Set<string>()];
    for (let each = 0; each < count; each++) {
      const { buffer, byteOffset, length } = sealKey("one", secret, kek);
      const file = Buffer.from(buffer, byteOffset, length);
      salts.add(file.toString("latin1", saltAt, nonceAt));
      nonces.add(file.toString("latin1", nonceAt, sealedAt));
    }
    expect([salts.size, nonces.size]).toEqual([count, count]);
  });

  it("SEC-D10: each is under a data key of its own, which another name or salt does not give", () => {
    const secret = Buffer.from("a private key");
    const file = Buffer.from(sealKey("one", secret, kek));
    const open = (name: string, salt: Uint8Array): string => {
      const key = new Uint8Array(hkdfSync("sha256", kek, salt, `mayfly key file 2 ${name}`, 32));
      const decipher = createDecipheriv("aes-256-gcm", key, file.subarray(nonceAt, sealedAt));
      decipher.setAAD(Buffer.concat([file.subarray(0, nonceAt), Buffer.from("one")])).setAuthTag(file.subarray(-16));
      return Buffer.concat([decipher.update(file.subarray(sealedAt, -16)), decipher.final()]).toString();
    };
    const salt = file.subarray(saltAt, nonceAt);
    expect(open("one", salt)).toBe("a private key");
    expect(() => open("two", salt)).toThrow();
    expect(() => open("one", randomBytes(16))).toThrow();
    // Nor is it the key-encryption key itself.
    const decipher = createDecipheriv("aes-256-gcm", kek, file.subarray(nonceAt, sealedAt));
    decipher.setAAD(Buffer.concat([file.subarray(0, nonceAt), Buffer.from("one")])).setAuthTag(file.subarray(-16));
    decipher.update(file.subarray(sealedAt, -16));
    expect(() => decipher.final()).toThrow();
    expect(Buffer.from(unsealKey("one", file, kek)).equals(secret)).toBe(true);
  });
});
