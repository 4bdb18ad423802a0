// SPDX-License-Identifier: Apache-2.0
import { bits, extension, sequence, tlv, unsignedInteger } from "../src/der-writer.ts";
import { RevocationList, writeRevocationList, X509Error } from "../src/index.ts";
import { commonNameDer } from "../src/name.ts";
import { OID } from "../src/oid.ts";
import { encodeTime } from "../src/time.ts";
import type { Keys } from "./authority.ts";
import { certify, now, party, plainSigning, type Signing } from "./chains.ts";

export const r = party("R");
export const root = certify(r, r, { ca: true });

const hour = 3_600_000;
export const thisUpdate = new Date(now.getTime() - hour);
export const nextUpdate = new Date(now.getTime() + hour);

/** A list as our writer writes it. */
export function write(serialNumbers: readonly bigint[], issuer = root, privateKey = r.keys.privateKey): Uint8Array {
  const revoked = serialNumbers.map((serialNumber) => ({ serialNumber, at: thisUpdate }));
  return writeRevocationList({ issuer, privateKey, thisUpdate, nextUpdate, number: 7n, revoked });
}

/** A list in pieces, each DER, so that a test can spoil one; pieces that may be absent are lists. */
export interface CrlParts {
  readonly version?: readonly Uint8Array[];
  readonly issuer?: Uint8Array;
  readonly nextUpdate?: readonly Uint8Array[];
  readonly entries?: readonly Uint8Array[];
  readonly extensions?: readonly Uint8Array[];
  /** Extensions with their tag; instead of `extensions`. */
  readonly explicit?: readonly Uint8Array[];
  /** The algorithm outside. */
  readonly outer?: Uint8Array;
  readonly signing?: Signing;
  readonly signer?: Keys;
}

/** Written without the writer of lists. */
export function crl(parts: CrlParts): Uint8Array {
  const { signing = plainSigning(OID.ecdsaWithSha256, "sha256"), signer = r.keys } = parts;
  const { extensions = [extension(OID.crlNumber, false, Uint8Array.of(2, 1, 1))] } = parts;
  const tbs = sequence(
    ...(parts.version ?? [Uint8Array.of(2, 1, 1)]),
    signing.algorithm,
    parts.issuer ?? commonNameDer(r.name),
    encodeTime(now),
    ...(parts.nextUpdate ?? [encodeTime(new Date(now.getTime() + 3_600_000))]),
    ...(parts.entries ?? []),
    ...(parts.explicit ?? (extensions.length === 0 ? [] : [tlv(0xa0, sequence(...extensions))])),
  );
  return sequence(tbs, parts.outer ?? signing.algorithm, bits(signing.sign(tbs, signer.privateKey)));
}

export function listOf(parts: CrlParts): RevocationList {
  return RevocationList.parse(crl(parts));
}

export function entries(...list: readonly Uint8Array[]): Uint8Array[] {
  return [sequence(...list)];
}

export function entry(serialNumber: bigint, ...extensions: readonly Uint8Array[]): Uint8Array {
  const hex = serialNumber.toString(16);
  return sequence(
    unsignedInteger(Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex")),
    encodeTime(now),
    ...(extensions.length === 0 ? [] : [sequence(...extensions)]),
  );
}

export function codeOf(action: () => unknown): string {
  try {
    action();
    return "ok";
  } catch (error) {
    if (error instanceof X509Error) return error.code;
    throw error;
  }
}
