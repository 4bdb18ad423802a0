// SPDX-License-Identifier: Apache-2.0
import { constants, sign, verify, type KeyObject } from "node:crypto";
import { DerReader, TAG } from "./der.ts";
import { oid, sequence } from "./der-writer.ts";
import { X509Error } from "./errors.ts";
import { OID } from "./oid.ts";

/** An AlgorithmIdentifier (RFC 5280 §4.1.1.2). */
export interface AlgorithmIdentifier {
  /** Dotted. */
  readonly oid: string;
  /** DER; undefined when absent. */
  readonly parameters: Uint8Array | undefined;
}

/** The next member of the reader as AlgorithmIdentifier. */
export function readAlgorithm(reader: DerReader, what: string): AlgorithmIdentifier {
  const identifier = reader.enter(TAG.sequence, what);
  const dotted = identifier.oid(what);
  const tag = identifier.peek();
  const parameters = tag === undefined ? undefined : identifier.element(tag, what);
  identifier.end(what);
  return { oid: dotted, parameters };
}

interface Scheme {
  readonly keyType: "ec" | "rsa" | "ed25519";
  readonly hash: string | null;
  readonly saltLength?: number;
}

const schemes: Readonly<Record<string, Scheme>> = {
  [OID.ecdsaWithSha256]: { keyType: "ec", hash: "sha256" },
  [OID.ecdsaWithSha384]: { keyType: "ec", hash: "sha384" },
  [OID.ecdsaWithSha512]: { keyType: "ec", hash: "sha512" },
  [OID.sha256WithRsa]: { keyType: "rsa", hash: "sha256" },
  [OID.sha384WithRsa]: { keyType: "rsa", hash: "sha384" },
  [OID.sha512WithRsa]: { keyType: "rsa", hash: "sha512" },
  [OID.ed25519]: { keyType: "ed25519", hash: null },
};

const pssHashes: Readonly<Record<string, { readonly hash: string; readonly size: number }>> = {
  [OID.sha256]: { hash: "sha256", size: 32 },
  [OID.sha384]: { hash: "sha384", size: 48 },
  [OID.sha512]: { hash: "sha512", size: 64 },
};

/** RFC 4055 §3.1 with what RFC 8017 advises: one hash for message and mask, a salt as long as the hash. */
function pssScheme(parameters: Uint8Array | undefined): Scheme | undefined {
  if (parameters?.[0] !== TAG.sequence) return undefined;
  const reader = new DerReader(parameters).enter(TAG.sequence, "PSS parameters");
  const hash = pssHashes[readAlgorithm(reader.enter(0xa0, "PSS hash"), "PSS hash").oid];
  const mask = readAlgorithm(reader.enter(0xa1, "PSS mask"), "PSS mask");
  const salt = reader.enter(0xa2, "PSS salt").integer("PSS salt");
  reader.end("PSS parameters");
  if (
    hash === undefined ||
    mask.oid !== OID.mgf1 ||
    mask.parameters?.[0] !== TAG.sequence ||
    salt !== BigInt(hash.size)
  )
    return undefined;
  const maskHash = readAlgorithm(new DerReader(mask.parameters), "PSS mask hash");
  if (pssHashes[maskHash.oid] !== hash) return undefined;
  return { keyType: "rsa", hash: hash.hash, saltLength: hash.size };
}

function schemeOf({ oid, parameters }: AlgorithmIdentifier): Scheme | undefined {
  if (oid === OID.rsaPss) return pssScheme(parameters);
  const scheme = schemes[oid];
  if (scheme === undefined) return undefined;
  const isNull = parameters?.length === 2 && parameters[0] === TAG.null;
  const fits = scheme.keyType === "rsa" ? parameters === undefined || isNull : parameters === undefined;
  return fits ? scheme : undefined;
}

/**
 * Whether this is an algorithm that may be relied on: ECDSA, RSA PKCS#1 v1.5 and RSA-PSS with SHA-256, SHA-384 or SHA-512, and
 * Ed25519. MD5 and SHA-1 are not.
 */
export function isStrongSignatureAlgorithm(algorithm: AlgorithmIdentifier): boolean {
  try {
    return schemeOf(algorithm) !== undefined;
  } catch (error) {
    if (error instanceof X509Error) return false;
    throw error;
  }
}

/** A signed value: the octets that were signed, how, and the signature. */
export interface Signed {
  readonly algorithm: AlgorithmIdentifier;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** Whether `key` made the signature; false for a weak algorithm or one that is not for this type of key. The key's size is the caller's business. */
export function isSignatureValid({ algorithm, data, signature }: Signed, key: KeyObject): boolean {
  if (!isStrongSignatureAlgorithm(algorithm)) return false;
  const scheme = schemeOf(algorithm);
  if (scheme === undefined || key.asymmetricKeyType !== scheme.keyType) return false;
  try {
    if (scheme.saltLength === undefined) return verify(scheme.hash, data, key, signature);
    return verify(
      scheme.hash,
      data,
      { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.saltLength },
      signature,
    );
  } catch {
    // @NOTE OpenSSL throws for some signatures that are no signatures at all, e.g. of the wrong length.
    return false;
  }
}

const nullDer = Uint8Array.of(TAG.null, 0);

/** AlgorithmIdentifier, DER, as RFC 5758 §3.2 and RFC 4055 §5 want it: no parameters for ECDSA and Ed25519, NULL for RSA. */
export function algorithmDer(dotted: string): Uint8Array {
  return schemes[dotted]?.keyType === "rsa" ? sequence(oid(dotted), nullDer) : sequence(oid(dotted));
}

const curveAlgorithms: Readonly<Record<string, string>> = {
  prime256v1: OID.ecdsaWithSha256,
  secp384r1: OID.ecdsaWithSha384,
  secp521r1: OID.ecdsaWithSha512,
};

/** OID, dotted, of the algorithm that fits the key. @throws {TypeError} for a key that there is none for */
export function signatureAlgorithmOf(key: KeyObject): string {
  const algorithm =
    key.asymmetricKeyType === "ec"
      ? curveAlgorithms[key.asymmetricKeyDetails?.namedCurve ?? ""]
      : key.asymmetricKeyType === "rsa"
        ? OID.sha256WithRsa
        : key.asymmetricKeyType === "ed25519"
          ? OID.ed25519
          : undefined;
  if (algorithm === undefined) throw new TypeError("there is no signature algorithm for this key");
  return algorithm;
}

/** Signs with `signatureAlgorithmOf` the private key. @throws {TypeError} as it */
export function signWith(
  key: KeyObject,
  data: Uint8Array,
): { readonly algorithm: string; readonly signature: Uint8Array } {
  const algorithm = signatureAlgorithmOf(key);
  return { algorithm, signature: sign(schemes[algorithm]?.hash ?? null, data, key) };
}
