// SPDX-License-Identifier: Apache-2.0
import { createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { type JsonMap, type RawToken, readRawToken, segment } from "./raw-token.ts";

/** A token that must be refused, and why. */
export interface Forgery {
  /** The row that it breaks. */
  readonly id: string;
  readonly defect: string;
  readonly token: string;
}

/** A segment with one bit of its first byte changed. */
function flipped(text: string): string {
  const bytes = Buffer.from(text, "base64url");
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString("base64url");
}

function derInteger(bytes: Buffer): Buffer {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  const trimmed = bytes.subarray(from);
  const value = (trimmed[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), trimmed]) : trimmed;
  return Buffer.concat([Buffer.from([2, value.length]), value]);
}

/** An ECDSA signature as X.509 writes it instead of r and s side by side. */
function derSignature(signature: string): string {
  const raw = Buffer.from(signature, "base64url");
  const half = raw.length / 2;
  const body = Buffer.concat([derInteger(raw.subarray(0, half)), derInteger(raw.subarray(half))]);
  const length = body.length < 0x80 ? [body.length] : [0x81, body.length];
  return Buffer.concat([Buffer.from([0x30, ...length]), body]).toString("base64url");
}

/** Signed with a key that nobody published, whose public half the header may carry. */
function signedByStranger(header: object, payload: string, embed: boolean): string {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = embed ? { jwk: publicKey.export({ format: "jwk" }) } : {};
  const input = `${segment({ ...header, alg: "ES256", ...jwk })}.${payload}`;
  const signature = sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${input}.${signature.toString("base64url")}`;
}

/** As a library that is careless about algorithms would hold the published key. */
function pemOf(publicKey: JsonMap | undefined): string {
  try {
    return createPublicKey({ key: { ...publicKey }, format: "jwk" }).export({ type: "spki", format: "pem" });
  } catch {
    return JSON.stringify(publicKey ?? {});
  }
}

function forgeriesOf({ header, claims, segments }: RawToken, publicKey: JsonMap | undefined): Forgery[] {
  const [head, payload, signature] = segments;
  const without = (alg: string): string => `${segment({ ...header, alg })}.${payload}`;
  const macInput = without("HS256");
  const mac = createHmac("sha256", pemOf(publicKey)).update(macInput);
  const elsewhere = segment({ ...claims, sub: "spiffe://conformance.invalid/workload" });
  const isEc = String(header["alg"]).startsWith("ES");
  return [
    { id: "JWT-01", defect: "the JSON form", token: jsonForm(segments) },
    { id: "JWT-01", defect: "padding", token: `${head}.${payload}.${signature}=` },
    { id: "JWT-01", defect: "a fourth segment", token: `${head}.${payload}.${signature}.${signature}` },
    { id: "JWT-02", defect: "alg none and no signature", token: `${without("none")}.` },
    { id: "JWT-02", defect: "alg none and the old signature", token: `${without("none")}.${signature}` },
    { id: "JWT-02", defect: "a MAC with the public key", token: `${macInput}.${mac.digest("base64url")}` },
    ...(isEc
      ? [{ id: "JWT-03", defect: "a DER signature", token: `${head}.${payload}.${derSignature(signature)}` }]
      : []),
    { id: "JWT-07", defect: "an embedded key", token: signedByStranger(header, payload, true) },
    { id: "JWT-21", defect: "a changed payload", token: `${head}.${segment({ ...claims, exp: 4e9 })}.${signature}` },
    { id: "JWT-21", defect: "a changed signature", token: `${head}.${payload}.${flipped(signature)}` },
    { id: "JWT-21", defect: "a stranger's signature", token: signedByStranger(header, payload, false) },
    { id: "JWT-22", defect: "a subject elsewhere", token: `${head}.${elsewhere}.${signature}` },
  ];
}

function jsonForm([protectedHeader, payload, signature]: RawToken["segments"]): string {
  return JSON.stringify({ payload, signatures: [{ protected: protectedHeader, signature }] });
}

/** Tokens made of a good one, each with one defect; some garbage when there is no good one. `publicKey`: the one that signed it. */
export function forgeries(token: string | undefined, publicKey: JsonMap | undefined): Forgery[] {
  const raw = token === undefined ? undefined : readRawToken(token);
  const garbage = { id: "JWT-01", defect: "no token at all", token: "conformance" };
  return raw === undefined ? [garbage] : [garbage, ...forgeriesOf(raw, publicKey)];
}
