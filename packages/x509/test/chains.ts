// SPDX-License-Identifier: Apache-2.0
import { createHash, sign } from "node:crypto";
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

export function party(name: string): Party {
  return { name, keys: ecKeys() };
}

export interface Wishes {
  readonly ca?: boolean;
  readonly pathLength?: number;
  /** Value of the KeyUsage extension, hex; undefined = what fits; null = none. */
  readonly keyUsage?: string | null;
  /** GeneralNames; default: one URI name of the trust domain, with a path for leaves. */
  readonly names?: readonly Uint8Array[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly extensions?: readonly Uint8Array[];
  /** OID of the signature algorithm and its hash; default ECDSA with SHA-256. */
  readonly signing?: readonly [string, string];
}

function basicConstraints({ ca = false, pathLength }: Wishes): Uint8Array {
  const length = pathLength === undefined ? [] : [unsignedInteger(Uint8Array.of(pathLength))];
  return extension(OID.basicConstraints, true, ca ? sequence(der.hex("0101ff"), ...length) : sequence());
}

/** A certificate for `subject`, signed by `issuer`; what is not wished for is as it should be. */
export function certify(subject: Party, issuer: Party, wishes: Wishes = {}): Certificate {
  const { ca = false, keyUsage = ca ? "03020106" : "03020780", signing = [OID.ecdsaWithSha256, "sha256"] } = wishes;
  const keyId = (of: Party): Uint8Array => createHash("sha1").update(spkiOf(of.keys).subarray(-65)).digest();
  const names = wishes.names ?? [uri(`spiffe://example.org${ca ? "" : "/web"}`)];
  const algorithm = sequence(oid(signing[0]));
  const hour = 3_600_000;
  const tbs = sequence(
    der.hex("a003020102"),
    unsignedInteger(randomSerialNumber()),
    algorithm,
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
        basicConstraints(wishes),
        ...(keyUsage === null ? [] : [extension(OID.keyUsage, true, der.hex(keyUsage))]),
        extension(OID.subjectKeyIdentifier, false, tlv(4, keyId(subject))),
        extension(OID.authorityKeyIdentifier, false, sequence(tlv(0x80, keyId(issuer)))),
        ...(names.length === 0 ? [] : [subjectAltName(names, false)]),
        ...(wishes.extensions ?? []),
      ),
    ),
  );
  const signature = sign(signing[1], tbs, issuer.keys.privateKey);
  return Certificate.parse(sequence(tbs, algorithm, bits(signature)));
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
