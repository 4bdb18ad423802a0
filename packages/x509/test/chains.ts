// SPDX-License-Identifier: Apache-2.0
import { createHash, type KeyObject, sign } from "node:crypto";
import { bits, extension, oid, sequence, tlv, unsignedInteger } from "../src/der-writer.ts";
import { Certificate, randomSerialNumber } from "../src/index.ts";
import { commonNameDer } from "../src/name.ts";
import { OID } from "../src/oid.ts";
import { encodeTime } from "../src/time.ts";
import { ecKeys, type Keys, spkiOf } from "./authority.ts";
import { der, subjectAltName, uri } from "./leaf-parts.ts";

export const now = new Date("2026-11-24T12:00:00Z");

/** Somebody who has a name and keys, and a certificate once one was made. */
export interface Party {
  readonly name: string;
  readonly keys: Keys;
}

export function party(name: string, keys: Keys = ecKeys()): Party {
  return { name, keys };
}

/** How a certificate is signed. */
export interface Signing {
  readonly algorithm: Uint8Array;
  readonly sign: (data: Uint8Array, key: KeyObject) => Uint8Array;
}

/** By OID of an algorithm without parameters and the hash that it stands for (null: none). */
export function plainSigning(dotted: string, hash: string | null): Signing {
  return { algorithm: sequence(oid(dotted)), sign: (data, key) => sign(hash, data, key) };
}

export interface Wishes {
  readonly ca?: boolean;
  readonly pathLength?: number;
  /** Value of the KeyUsage extension, hex; undefined = what fits; null = none. */
  readonly keyUsage?: string | null;
  /** GeneralNames; default: one URI name of the trust domain, with a path for leaves. */
  readonly names?: readonly Uint8Array[];
  /** Positive; default: random. */
  readonly serialNumber?: bigint;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly extensions?: readonly Uint8Array[];
  /** Basic constraints and key identifiers by OID, written differently or (undefined) left out. */
  readonly replace?: Readonly<Record<string, Uint8Array | undefined>>;
  /** AlgorithmIdentifier, DER, and how to sign; default ECDSA with SHA-256. */
  readonly signing?: Signing;
}

function basicConstraints({ ca = false, pathLength }: Wishes): Uint8Array {
  const length = pathLength === undefined ? [] : [unsignedInteger(Uint8Array.of(pathLength))];
  return extension(OID.basicConstraints, true, ca ? sequence(der.hex("0101ff"), ...length) : sequence());
}

function keyIdOf(of: Party): Uint8Array {
  return createHash("sha1").update(spkiOf(of.keys).subarray(-65)).digest();
}

function ownExtensions(subject: Party, issuer: Party, wishes: Wishes): Uint8Array[] {
  const own: Readonly<Record<string, Uint8Array>> = {
    [OID.basicConstraints]: basicConstraints(wishes),
    [OID.subjectKeyIdentifier]: extension(OID.subjectKeyIdentifier, false, tlv(4, keyIdOf(subject))),
    [OID.authorityKeyIdentifier]: extension(OID.authorityKeyIdentifier, false, sequence(tlv(0x80, keyIdOf(issuer)))),
  };
  return Object.values({ ...own, ...wishes.replace }).filter((one) => one !== undefined);
}

function serialNumberOf({ serialNumber }: Wishes): Uint8Array {
  if (serialNumber === undefined) return randomSerialNumber();
  const hex = serialNumber.toString(16);
  return der.hex(hex.padStart(hex.length + (hex.length % 2), "0"));
}

/** A certificate for `subject`, signed by `issuer`; what is not wished for is as it should be. */
export function certify(subject: Party, issuer: Party, wishes: Wishes = {}): Certificate {
  const {
    ca = false,
    keyUsage = ca ? "03020106" : "03020780",
    signing = plainSigning(OID.ecdsaWithSha256, "sha256"),
  } = wishes;
  const names = wishes.names ?? [uri(`spiffe://example.org${ca ? "" : "/web"}`)];
  const hour = 3_600_000;
  const tbs = sequence(
    der.hex("a003020102"),
    unsignedInteger(serialNumberOf(wishes)),
    signing.algorithm,
    commonNameDer(issuer.name),
    sequence(
      encodeTime(wishes.notBefore ?? new Date(now.getTime() - hour)),
      encodeTime(wishes.notAfter ?? new Date(now.getTime() + hour)),
    ),
    commonNameDer(subject.name),
    spkiOf(subject.keys),
    tlv(
      0xa3,
      sequence(
        ...ownExtensions(subject, issuer, wishes),
        ...(keyUsage === null ? [] : [extension(OID.keyUsage, true, der.hex(keyUsage))]),
        ...(names.length === 0 ? [] : [subjectAltName(names, false)]),
        ...(wishes.extensions ?? []),
      ),
    ),
  );
  return Certificate.parse(sequence(tbs, signing.algorithm, bits(signing.sign(tbs, issuer.keys.privateKey))));
}

/** NameConstraints, critical, of GeneralNames. */
export function nameConstraints(subtrees: {
  permitted?: readonly Uint8Array[];
  excluded?: readonly Uint8Array[];
}): Uint8Array {
  const list = (tag: number, bases: readonly Uint8Array[] | undefined): Uint8Array[] =>
    bases === undefined ? [] : [tlv(tag, ...bases.map((base) => sequence(base)))];
  return extension(
    OID.nameConstraints,
    true,
    sequence(...list(0xa0, subtrees.permitted), ...list(0xa1, subtrees.excluded)),
  );
}
