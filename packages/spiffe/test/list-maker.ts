// SPDX-License-Identifier: Apache-2.0
import { sign } from "node:crypto";
import { der, inMinutes, type Keys, type Made } from "./certificate-maker.ts";

// Revocation lists (RFC 5280 §5) with any defect, written by code that shares nothing with the packages under test.

export interface ListSpec {
  /** Whose certificates are listed; its subject and, unless there is a signer, its key. */
  readonly issuer: Made;
  readonly revoked: readonly Made[];
  readonly signer?: Keys;
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date;
  readonly hash?: "sha1" | "sha256";
}

const digits = (date: Date): string => date.toISOString().replaceAll(/[-:T]|\.\d+/g, "");
const time = (date: Date): Buffer => der(0x17, Buffer.from(digits(date).slice(2), "latin1"));
// ecdsa-with-SHA1 and ecdsa-with-SHA256.
const algorithms = { sha1: "06072a8648ce3d0401", sha256: "06082a8648ce3d040302" };

function serialOf({ certificate }: Made): Buffer {
  const hex = certificate.serialNumber.toString(16);
  return der(0x02, Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex"));
}

/** A list, DER. */
export function makeList(spec: ListSpec): Buffer {
  const { issuer, revoked, hash = "sha256", thisUpdate = inMinutes(-10), nextUpdate = inMinutes(10) } = spec;
  const algorithm = der(0x30, Buffer.from(algorithms[hash], "hex"));
  const entries = revoked.map((made) => der(0x30, serialOf(made), time(inMinutes(-10))));
  const tbs = der(
    0x30,
    der(0x02, Buffer.of(1)),
    algorithm,
    issuer.certificate.subjectDer,
    time(thisUpdate),
    time(nextUpdate),
    ...(entries.length === 0 ? [] : [der(0x30, ...entries)]),
  );
  const signature = sign(hash, tbs, (spec.signer ?? issuer.keys).privateKey);
  return der(0x30, tbs, algorithm, der(0x03, Buffer.of(0), signature));
}
