// SPDX-License-Identifier: Apache-2.0
import { hash } from "node:crypto";
import {
  Certificate,
  type ExpectedIntermediate,
  intermediateCertificate,
  intermediateTbs,
  lintIntermediate,
  randomSerialNumber,
} from "@mayfly/x509";
import type { ActiveAuthority } from "../authorities/loaded-authorities.ts";
import { SignerError } from "../errors.ts";
import type { DownstreamCaRequest, IssuedDownstreamCa } from "../ports.ts";
import type { Intended } from "./intent-recorder.ts";

/** SPIRE's name for a CA below; one level down, as an authority of ours is always self-signed. */
const organizationalUnit = "DOWNSTREAM-1";

/** A CA certificate that is written but not signed. */
export interface UnsignedDownstreamCa extends Intended {
  readonly expected: ExpectedIntermediate;
}

/** Writes, signs and checks CA certificates below one authority. */
export class DownstreamIssuer {
  readonly authority: ActiveAuthority;
  readonly #certificate: Certificate;
  readonly #uri: string;

  /** `uri` is the ID of the trust domain. */
  constructor(authority: ActiveAuthority, uri: string) {
    const { certificate } = authority.record;
    if (certificate === undefined) throw new TypeError("an X.509 authority has a certificate");
    this.authority = authority;
    this.#certificate = Certificate.parse(certificate);
    this.#uri = uri;
  }

  /** The request must have been checked. */
  write(
    request: DownstreamCaRequest,
    validity: { readonly notBefore: Date; readonly notAfter: Date },
  ): UnsignedDownstreamCa {
    const expected: ExpectedIntermediate = {
      issuer: this.#certificate,
      serialNumber: randomSerialNumber(),
      spki: request.spki,
      uri: this.#uri,
      organizationalUnit,
      ...validity,
    };
    const tbs = intermediateTbs(this.#certificate, expected);
    return {
      expected,
      tbs,
      intent: {
        kind: "x509",
        serialNumber: Buffer.from(expected.serialNumber).toString("hex"),
        // The bare trust domain in the log is an authority.
        spiffeId: this.#uri,
        notBefore: expected.notBefore.getTime() / 1000,
        notAfter: expected.notAfter.getTime() / 1000,
        tbsHash: hash("sha256", tbs, "buffer"),
        requester: request.requester,
        entryId: request.entryId,
        entryRevision: request.entryRevision,
      },
    };
  }

  /** Signs what was recorded and reads it again. @throws {SignerError} SIGNER_SELF_CHECK_FAILED */
  async sign({ expected, tbs }: UnsignedDownstreamCa): Promise<IssuedDownstreamCa> {
    const der = intermediateCertificate(tbs, await this.authority.key.sign(tbs, "der"));
    const findings = this.#findings(der, expected);
    if (findings.length > 0) throw new SignerError("SIGNER_SELF_CHECK_FAILED", findings.join("; "));
    return {
      chain: [der],
      serialNumber: BigInt(`0x${Buffer.from(expected.serialNumber).toString("hex")}`).toString(),
      notBefore: expected.notBefore,
      notAfter: expected.notAfter,
      authorityId: this.authority.record.id,
    };
  }

  #findings(der: Uint8Array, expected: ExpectedIntermediate): string[] {
    try {
      return lintIntermediate(Certificate.parse(der), expected);
    } catch (cause) {
      throw new SignerError("SIGNER_SELF_CHECK_FAILED", "what was written is no certificate", { cause });
    }
  }
}
