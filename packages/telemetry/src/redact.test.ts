// SPDX-License-Identifier: Apache-2.0
import { createSecretKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { redact } from "./redact.ts";

class Id {
  toJSON(): string {
    return "spiffe://example.org/web";
  }
}

class Address {
  toString(): string {
    return "10.0.0.7:8081";
  }
}

class Opaque {
  readonly inside = "hush";
}

describe("redact", () => {
  it("lets value objects say what they are, and shows nothing of other instances than their class", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    expect(
      redact({
        id: new Id(),
        address: new Address(),
        opaque: new Opaque(),
        held: privateKey,
        made: createSecretKey(Buffer.from("hush")),
      }),
    ).toEqual({
      id: "spiffe://example.org/web",
      address: "10.0.0.7:8081",
      opaque: "[Opaque]",
      held: "[PrivateKeyObject]",
      made: "[SecretKeyObject]",
    });
  });

  it("turns other types into plain JSON", () => {
    const at = new Date("2026-11-24T12:00:00Z");
    expect(
      redact({
        at,
        never: new Date(Number.NaN),
        serial: 2n ** 100n,
        set: new Set(["a"]),
        none: null,
        off: undefined,
        run: () => 1,
      }),
    ).toEqual({
      at: "2026-11-24T12:00:00.000Z",
      never: "invalid date",
      serial: "1267650600228229401496703205376",
      set: ["a"],
      none: null,
    });
  });

  it.each([
    "token",
    "joinToken",
    "client_secret",
    "privateKey",
    "API_KEY",
    "password",
    "passwd",
    "csr",
    "credentials",
    "keys",
  ])("hides what is called %s", (name) => {
    expect(redact({ [name]: "hush" })).toEqual({ [name]: "[redacted]" });
  });

  it.each(["key_id", "keyId", "authority_key_id", "token_ids", "path", "code", "requester"])(
    "shows what is called %s",
    (name) => {
      expect(redact({ [name]: "shown" })).toEqual({ [name]: "shown" });
    },
  );

  it("hides a private key whose block was cut off, and tokens inside a text", () => {
    const text = "a -----BEGIN EC PRIVATE KEY-----\nMHcCAQ";
    expect(redact({ text })).toEqual({ text: "a [redacted]" });
    expect(redact({ text: "Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln, ok" })).toEqual({
      text: "Bearer [redacted], ok",
    });
  });

  it("survives getters and conversions that throw", () => {
    const trap = {
      toJSON: (): never => {
        throw new Error("no");
      },
    };
    class Trap {
      toString(): never {
        throw new Error("no");
      }
    }
    expect(redact({ trap: new Trap(), plain: Object.assign(new Opaque(), trap) })).toEqual({
      trap: "[unprintable]",
      plain: "[unprintable]",
    });
  });
});
