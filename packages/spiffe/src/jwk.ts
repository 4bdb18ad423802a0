// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject } from "node:crypto";
import { assertAcceptableKey, X509Error } from "@mayfly/x509";
import { decodeBase64url } from "./base64url.ts";
import { BundleError } from "./errors.ts";
import type { JsonObject } from "./json.ts";

const coordinateBytes: Readonly<Record<string, number>> = { "P-256": 32, "P-384": 48, "P-521": 66 };
const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const maxMemberLength = 1_400;

/** Public members of a key, as RFC 7518 §6 and RFC 8037 §2 name them. */
export interface PublicJwk {
  readonly kty: string;
  readonly [member: string]: string;
}

/**
 * The public key of a JWK of type EC (P-256, P-384, P-521), RSA (2048 to 4096 bits) or OKP (Ed25519), strictly read: canonical base64url,
 * coordinates of full length, a point on its curve, no private member.
 * @throws {BundleError} BAD_KEY
 */
export function importJwk(jwk: JsonObject): KeyObject {
  // RFC 7517 §9.2: whoever publishes the private half can't be meant.
  if (privateMembers.some((member) => Object.hasOwn(jwk, member)))
    throw badKey("a key was published with its private half: it has to be replaced");
  if (Array.isArray(jwk["key_ops"]) && !jwk["key_ops"].includes("verify"))
    throw badKey("a key has key_ops without verify");
  const key = { kty: String(jwk["kty"]), ...publicMembers(jwk) };
  try {
    const publicKey = createPublicKey({ key, format: "jwk" });
    assertAcceptableKey(publicKey.export({ format: "der", type: "spki" }), { ed25519: true });
    return publicKey;
  } catch (cause) {
    const reason = cause instanceof X509Error ? cause.message : "the key's values are impossible";
    throw badKey(reason, cause);
  }
}

function publicMembers(jwk: JsonObject): Record<string, string> {
  switch (jwk["kty"]) {
    case "EC": {
      const size = typeof jwk["crv"] === "string" ? coordinateBytes[jwk["crv"]] : undefined;
      if (size === undefined) throw badKey("a key is on another curve than P-256, P-384 and P-521");
      return { crv: String(jwk["crv"]), x: octets(jwk, "x", size), y: octets(jwk, "y", size) };
    }
    case "RSA":
      return { n: integer(jwk, "n"), e: integer(jwk, "e") };
    case "OKP":
      if (jwk["crv"] !== "Ed25519") throw badKey("a key is on another curve than Ed25519");
      return { crv: "Ed25519", x: octets(jwk, "x", 32) };
    default:
      throw badKey("a key is of another type than EC, RSA and OKP");
  }
}

function octets(jwk: JsonObject, member: string, size: number): string {
  const text = jwk[member];
  if (typeof text !== "string" || text.length > maxMemberLength || decodeBase64url(text)?.length !== size) {
    throw badKey(`member ${member} of a key is not base64url of ${size} octets`);
  }
  return text;
}

/** Base64urlUInt (RFC 7518 §2): no leading zero octet. */
function integer(jwk: JsonObject, member: string): string {
  const text = jwk[member];
  const bytes = typeof text === "string" && text.length <= maxMemberLength ? decodeBase64url(text) : undefined;
  if (bytes === undefined || bytes.length === 0 || bytes[0] === 0) {
    throw badKey(`member ${member} of a key is not a base64url integer`);
  }
  return String(text);
}

function badKey(message: string, cause?: unknown): BundleError {
  return new BundleError("BAD_KEY", message, cause === undefined ? undefined : { cause });
}

/** The public members of a key, and nothing else. @throws {BundleError} BAD_KEY when it is of no type that a bundle can hold */
export function exportJwk(publicKey: KeyObject): PublicJwk {
  if (publicKey.type !== "public") throw new TypeError("only public keys go into a bundle");
  const { kty, crv, x, y, n, e } = publicKey.export({ format: "jwk" });
  if (kty === "RSA" && n !== undefined && e !== undefined) return { kty, n, e };
  if (kty === "EC" && crv !== undefined && x !== undefined && y !== undefined) return { kty, crv, x, y };
  if (kty === "OKP" && crv !== undefined && x !== undefined) return { kty, crv, x };
  throw badKey("a key is of a type that a bundle can't hold");
}
