// SPDX-License-Identifier: Apache-2.0
import { hash } from "node:crypto";
import { Certificate, type LeafFields, LeafWriter, lintLeaf, randomSerialNumber } from "@mayfly/x509";
import type { ActiveAuthority } from "../authorities/loaded-authorities.ts";
import { SignerError } from "../errors.ts";
import type { IssuedX509, X509Request } from "../ports.ts";
import type { Intended } from "./intent-recorder.ts";

/** A certificate that is written but not signed. */
export interface UnsignedX509 extends Intended {
  readonly fields: LeafFields;
}

/** What turns fields into bytes. */
export type LeafEncoder = Pick<LeafWriter, "tbs" | "certificate">;

/** Writes, signs and checks the certificates of one authority. */
export class X509Issuer {
  readonly authority: ActiveAuthority;
  readonly certificate: Certificate;
  readonly #encoder: LeafEncoder;

  /** `encoder` writes for this authority; default: the leaf profile of the design. */
  constructor(authority: ActiveAuthority, encoder?: LeafEncoder) {
    const { certificate } = authority.record;
    if (certificate === undefined) throw new TypeError("an X.509 authority has a certificate");
    this.authority = authority;
    this.certificate = Certificate.parse(certificate);
    this.#encoder =
      encoder ?? new LeafWriter({ certificate: this.certificate, signatureAlgorithm: "ecdsa-with-SHA256" });
  }

  /** The request must have been checked. @throws {SignerError} REQUEST_TOO_LARGE */
  write(request: X509Request, validity: { readonly notBefore: Date; readonly notAfter: Date }): UnsignedX509 {
    const fields: LeafFields = {
      serialNumber: randomSerialNumber(),
      spki: request.spki,
      uri: request.spiffeId,
      dnsNames: request.dnsNames,
      subjectDer: request.subjectDer,
      ...validity,
    };
    const tbs = this.#encode(fields);
    return {
      fields,
      tbs,
      intent: {
        kind: "x509",
        serialNumber: Buffer.from(fields.serialNumber).toString("hex"),
        spiffeId: request.spiffeId,
        notBefore: fields.notBefore.getTime() / 1000,
        notAfter: fields.notAfter.getTime() / 1000,
        tbsHash: hash("sha256", tbs, "buffer"),
        requester: request.requester,
        entryId: request.entryId ?? "",
        entryRevision: request.entryRevision ?? 0,
      },
    };
  }

  /** Signs what was recorded and reads it again. @throws {SignerError} SIGNER_SELF_CHECK_FAILED */
  sign(unsigned: UnsignedX509): IssuedX509 | Promise<IssuedX509> {
    const signature = this.authority.key.sign(unsigned.tbs, "der");
    if (signature instanceof Promise) return signature.then((value) => this.#finish(unsigned, value));
    return this.#finish(unsigned, signature);
  }

  #encode(fields: LeafFields): Uint8Array {
    try {
      return this.#encoder.tbs(fields);
    } catch (cause) {
      throw new SignerError("REQUEST_TOO_LARGE", "the certificate can't be encoded", { cause });
    }
  }

  #finish({ fields, tbs }: UnsignedX509, signature: Uint8Array): IssuedX509 {
    const der = this.#encoder.certificate(tbs, signature);
    const certificate = this.#check(der, fields);
    return {
      chain: [der],
      spiffeId: fields.uri,
      serialNumber: certificate.serialNumber.toString(),
      notBefore: fields.notBefore,
      notAfter: fields.notAfter,
      authorityId: this.authority.record.id,
    };
  }

  #check(der: Uint8Array, fields: LeafFields): Certificate {
    let certificate: Certificate;
    try {
      certificate = Certificate.parse(der);
    } catch (cause) {
      throw new SignerError("SIGNER_SELF_CHECK_FAILED", "what was written is no certificate", { cause });
    }
    const findings = lintLeaf(certificate, { ...fields, issuer: this.certificate });
    if (!certificate.isSignedBy(this.certificate)) findings.push("the signature is not the authority's");
    if (findings.length === 0) return certificate;
    throw new SignerError("SIGNER_SELF_CHECK_FAILED", findings.join("; "));
  }
}
