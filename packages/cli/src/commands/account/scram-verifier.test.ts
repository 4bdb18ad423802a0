// SPDX-License-Identifier: Apache-2.0
import { createHash, createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { scramVerifier } from "./scram-verifier.ts";

it("is what the example of RFC 7677 §3 is proven with", () => {
  const salt = "W22ZaJ0SNY7soEsUEjb6gQ==";
  const verifier = scramVerifier("pencil", Buffer.from(salt, "base64"));
  const [, storedKey = "", serverKey = ""] =
    /^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$([^:]+):(.+)$/.exec(verifier) ?? [];
  const [client, server] = ["rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"];
  const nonce = `${client}${server}`;
  const message = `n=user,r=${client},r=${nonce},s=${salt},i=4096,c=biws,r=${nonce}`;
  const signed = (key: string): Buffer => createHmac("sha256", Buffer.from(key, "base64")).update(message).digest();
  expect(signed(serverKey).toString("base64")).toBe("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  const proof = Buffer.from("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "base64");
  const clientKey = signed(storedKey).map((byte, at) => byte ^ (proof[at] ?? 0));
  expect(createHash("sha256").update(clientKey).digest("base64")).toBe(storedKey);
});
